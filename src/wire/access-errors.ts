/** Errors of those who call: tokens, tasks, permissions, connections (A1, A2, A5, C16). Part of the table in errors.ts. */

export const ACCESS_ERRORS = {
  token_missing: {
    status: 400,
    code: 190,
    subcode: null,
    message: 'An access token is required to request this resource.',
  },
  token_invalid: { status: 400, code: 190, subcode: null, message: 'Invalid OAuth access token.' },
  operator_token_missing: {
    status: 401,
    code: 190,
    subcode: null,
    message:
      "This call bears the operator's token, as Authorization: Bearer. It stands in operator.json in the data folder.",
  },
  operator_token_invalid: {
    status: 401,
    code: 190,
    subcode: null,
    message:
      "This is not the operator's token. It stands in operator.json in the data folder, and is made anew at each start.",
  },
  token_expired: {
    status: 400,
    code: 190,
    subcode: 463,
    message: 'Invalid OAuth access token: its time is over.',
  },
  page_token_required: {
    status: 400,
    code: 190,
    subcode: null,
    message: 'Invalid OAuth access token: this call needs a Page access token.',
  },
  app_token_required: {
    status: 400,
    code: 15,
    subcode: null,
    message: 'This method must be called with an app access_token.',
  },
  app_admin_required: {
    status: 403,
    code: 200,
    subcode: null,
    message: 'The person behind this access token is not an admin of the app',
  },
  client_invalid: {
    status: 400,
    code: 101,
    subcode: null,
    message: 'Error validating application: client_id and client_secret do not belong together',
  },
  code_invalid: {
    status: 400,
    code: 100,
    subcode: null,
    message:
      'This authorization code cannot be redeemed: it has been, its time is over, or it was made for another app or redirect_uri',
  },
  app_in_development: {
    status: 403,
    code: 200,
    subcode: null,
    message: 'This app is in development, and the person behind this access token has no role on it',
  },
  permission_missing: {
    status: 403,
    code: 200,
    subcode: null,
    message: 'The person behind this access token has not given the app the permission {permission}',
  },
  proof_invalid: {
    status: 400,
    code: 100,
    subcode: null,
    message: 'appsecret_proof does not belong to this access token',
  },
  task_missing: {
    status: 403,
    code: 200,
    subcode: null,
    message: 'The person behind this access token needs the task {task} on the page',
  },
  page_not_permitted: {
    status: 403,
    code: 200,
    subcode: null,
    message: 'This access token gives no access to the page that was asked for',
  },
  caller_not_connected: {
    status: 403,
    code: 200,
    subcode: null,
    message: 'This app is not connected to the page',
  },
  caller_without_role: {
    status: 403,
    code: 200,
    subcode: 2018028,
    message:
      'Cannot message users who are not admins, developers or testers of the app until pages_messaging permission is reviewed and the app is live.',
  },
} as const;
