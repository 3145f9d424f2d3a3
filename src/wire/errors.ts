/**
 * Every error that the product gives: one table, and the manual's `docs/reference/errors.md` is tested against it. The
 * messages are Meta's where those are known, since clients and people search for them. Words in braces are filled in.
 */

import type { JsonObject } from '../protocol/message.ts';
import { ACCESS_ERRORS } from './access-errors.ts';
import type { Problem } from './problem.ts';

export type GraphError = {
  /** Of the HTTP answer. */
  readonly status: number;
  readonly type: 'OAuthException';
  readonly code: number;
  readonly subcode: number | null;
  /** Without the prefix `(#<code>) `. */
  readonly message: string;
  readonly userTitle: string | null;
  readonly userMsg: string | null;
};

type Kind = Pick<GraphError, 'status' | 'code' | 'subcode' | 'message'>;

export const ERRORS = {
  ...ACCESS_ERRORS,

  // What is asked for
  invalid_parameter: { status: 400, code: 100, subcode: null, message: '{problem}' },
  message_and_action: {
    status: 400,
    code: 100,
    subcode: 2018014,
    message: 'Cannot send both message and state at the same time.',
  },
  unknown_attachment: {
    status: 400,
    code: 100,
    subcode: 2018074,
    message: 'no attachment is saved under this id',
  },
  upload_too_large: {
    status: 400,
    code: 100,
    subcode: 2018109,
    message: 'The file is larger than {limit} bytes',
  },
  too_many_attachments: {
    status: 400,
    code: 613,
    subcode: null,
    message: 'The page has saved as many attachments, or as many bytes of files, as it may',
  },
  upload_of_another_type: {
    status: 400,
    code: 100,
    subcode: 2018047,
    message: 'The file is not of the type that the attachment says',
  },
  unknown_customer: { status: 400, code: 100, subcode: 2018001, message: 'No matching user found' },
  unknown_instagram_customer: {
    status: 400,
    code: 100,
    subcode: 2534014,
    message: 'No matching Instagram user',
  },
  unknown_node: {
    status: 400,
    code: 100,
    subcode: 33,
    message:
      "Unsupported {method} request. Object with ID '{id}' does not exist, cannot be loaded due to missing permissions, or does not support this operation.",
  },
  unknown_edge: { status: 400, code: 2500, subcode: null, message: 'There is nothing at the path {path}' },
  unknown_method: { status: 400, code: 100, subcode: null, message: '{path} does not answer {method}' },
  unknown_admin_call: {
    status: 404,
    code: 2500,
    subcode: null,
    message: 'There is no call {method} {path}. GET /admin tells what there is, and /docs every call.',
  },
  batch_in_batch: { status: 400, code: 100, subcode: null, message: 'A batch cannot hold another batch' },
  callback_not_verified: {
    status: 400,
    code: 2200,
    subcode: null,
    message: 'Callback verification failed with the following errors: {reason}',
  },
  malformed_request: {
    status: 400,
    code: 100,
    subcode: null,
    message: 'This is not a well-formed HTTP request',
  },
  body_too_large: {
    status: 413,
    code: 100,
    subcode: null,
    message: 'The request body is larger than {limit} bytes',
  },

  get_started_required: {
    status: 400,
    code: 100,
    subcode: 2018145,
    message:
      'You must set a Get Started button if you also wish to use persistent menu. get_started is needed for as long as there is a persistent_menu.',
  },

  // The rules (RULES C, H, P)
  target_required: {
    status: 400,
    code: 100,
    subcode: null,
    message: 'target_app_id is required: nobody stands in for it here',
  },
  target_not_connected: { status: 400, code: 100, subcode: 2018164, message: 'Incorrect App ID.' },
  target_is_caller: {
    status: 400,
    code: 100,
    subcode: null,
    message: 'target_app_id must name another app than the caller',
  },
  target_is_owner: {
    status: 400,
    code: 100,
    subcode: null,
    message: 'target_app_id names the app that controls this thread already',
  },
  already_owner: {
    status: 400,
    code: 100,
    subcode: null,
    message: 'The caller controls this thread already',
  },
  persona_of_another_app: {
    status: 400,
    code: 100,
    subcode: null,
    message: 'persona_id names a persona that this app did not make',
  },
  not_available: {
    status: 400,
    code: 100,
    subcode: null,
    message: 'This call is not available on a page with Conversation Routing',
  },
  thread_control_not_available: {
    status: 400,
    code: 100,
    subcode: null,
    message: 'thread_control is not available on this page: it is in handover mode',
  },
  nothing_to_tap: {
    status: 400,
    code: 100,
    subcode: null,
    message: 'The customer sees no such item',
  },
  survey_expired: {
    status: 400,
    code: 100,
    subcode: null,
    message: 'This survey can be answered no more',
  },
  too_many_surveys: {
    status: 400,
    code: 613,
    subcode: null,
    message: 'Calls to this api have exceeded the rate limit.',
  },
  take_not_given: {
    status: 400,
    code: 27,
    subcode: 2534118,
    message: 'The page has not allowed this app to take control of conversations',
  },
  stale_epoch: {
    status: 400,
    code: 10,
    subcode: 2018300,
    message: 'control_epoch is not that of the thread: control has moved meanwhile',
  },
  controlled_by_another: {
    status: 400,
    code: 10,
    subcode: 2018300,
    message: 'Message failed to send because another app is controlling this thread now.',
  },
  menu_of_another: {
    status: 400,
    code: 10,
    subcode: 2018300,
    message: 'The menu was not changed because another app is controlling this thread now.',
  },
  not_default_app: {
    status: 400,
    code: 10,
    subcode: 2018300,
    message:
      'Message failed to send because only the default app may write while no app is controlling this thread.',
  },
  not_owner: {
    status: 400,
    code: 100,
    subcode: 2534037,
    message: "The action is invalid since it's not the thread owner.",
  },
  not_primary_receiver: {
    status: 400,
    code: 100,
    subcode: 2018171,
    message: 'Only available to Primary and Secondary Receivers.',
  },
  profile_of_lead: {
    status: 400,
    code: 100,
    subcode: 2018171,
    message: 'Cannot set persistent menu because your app is not set as the primary app for the page.',
  },
  outside_window: {
    status: 400,
    code: 10,
    subcode: 2018278,
    message:
      'This message is sent outside of allowed window. Learn more about the new policy here: https://developers.facebook.com/docs/messenger-platform/policy-overview',
  },

  // How much is asked for
  rate_limited: {
    status: 429,
    code: 613,
    subcode: null,
    message: 'Calls to this api have exceeded the rate limit.',
  },
  address_limited: { status: 429, code: 4, subcode: null, message: 'Application request limit reached.' },

  // The machinery
  internal: { status: 500, code: 1, subcode: null, message: 'An unknown error occurred.' },
  unavailable: {
    status: 503,
    code: 2,
    subcode: null,
    message: 'An unexpected error has occurred. Please retry your request later.',
  },
} as const satisfies Readonly<Record<string, Kind>>;

export type ErrorName = keyof typeof ERRORS;

/** Longest text that is filled into a message; what callers sent is cut off there. */
export const MAX_FILL = 500;

/** An error of the table; `fill` gives what stands in braces in its message. */
export function graphError(name: ErrorName, fill: Readonly<Record<string, string>> = {}): GraphError {
  const { status, code, subcode, message: template } = ERRORS[name];
  const message = template.replace(/\{(\w+)\}/g, (braces: string, word: string) =>
    (fill[word] ?? braces).slice(0, MAX_FILL),
  );
  return { status, type: 'OAuthException', code, subcode, message, userTitle: null, userMsg: null };
}

/** Bad input. */
export const problemError = (problem: Problem): GraphError => ({
  ...graphError('invalid_parameter', { problem: problem.message }),
  subcode: problem.subcode ?? null,
});

/** The body of the answer. The message of a token's error has no prefix: clients know it by how it begins. */
export function renderError(error: GraphError, fbtraceId: string): JsonObject {
  const { type, code, subcode, message, userTitle, userMsg } = error;
  return {
    error: {
      message: code === 190 ? message : `(#${code}) ${message}`,
      type,
      code,
      ...(subcode === null ? {} : { error_subcode: subcode }),
      ...(userTitle === null ? {} : { error_user_title: userTitle }),
      ...(userMsg === null ? {} : { error_user_msg: userMsg }),
      fbtrace_id: fbtraceId,
    },
  };
}
