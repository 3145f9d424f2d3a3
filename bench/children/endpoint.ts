/** An app's endpoint in a process of its own, that answers as it is told. */

import { type Answering, openEndpoint } from '../../src/testing/endpoint.ts';
import { answerParent } from '../tools/child.ts';

export type EndpointQuestion = { readonly answerWith: Answering | null };
export type EndpointAnswer = { readonly heard: number; readonly tries: number };

const [secret = '', verifyToken = ''] = process.argv.slice(2);
const endpoint = await openEndpoint({ secret, verifyToken });

answerParent([endpoint.url], ({ answerWith }: EndpointQuestion): EndpointAnswer => {
  if (answerWith !== null) endpoint.answerWith(answerWith);
  return { heard: endpoint.heard.length, tries: endpoint.tries() };
});
