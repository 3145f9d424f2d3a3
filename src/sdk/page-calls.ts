/** The calls about a page: its customers, its apps, the personas of the caller. */

import type { Caller, CallOptions } from './calls.ts';
import type { Client, Named, Persona } from './client.ts';
import { idOf, type JsonObject, listOf, objectOf, textOf } from './json.ts';

/** The calls of this file. */
export type PageCalls = Pick<
  Client,
  | 'secondaryReceivers'
  | 'profile'
  | 'page'
  | 'featureStatus'
  | 'subscribedApps'
  | 'subscribe'
  | 'unsubscribe'
  | 'createPersona'
  | 'personas'
  | 'persona'
  | 'deletePersona'
>;

/** The calls about a page. */
export function pageCalls(call: Caller): PageCalls {
  const get = (path: string, options?: CallOptions) => call({ method: 'GET', path, repeat: 'safe' }, options);
  const list = async (path: string, options?: CallOptions): Promise<readonly JsonObject[]> =>
    listOf((await get(path, options))['data']).map(objectOf);
  const remove = async (path: string, options?: CallOptions): Promise<void> => {
    await call({ method: 'DELETE', path, repeat: 'safe' }, options);
  };
  return {
    secondaryReceivers: async (options) => (await list('/me/secondary_receivers', options)).map(namedOf),
    async profile(psid, options) {
      const path = `/${encodeURIComponent(psid)}`;
      return profileOf(await call({ method: 'GET', path, query: PROFILE_FIELDS, repeat: 'safe' }, options));
    },
    page: async (options) => namedOf(await get('/me', options)),
    async featureStatus(options) {
      const query = { fields: 'messaging_feature_status' };
      const node = await call({ method: 'GET', path: '/me', query, repeat: 'safe' }, options);
      const status = objectOf(node['messaging_feature_status']);
      return {
        handover: status['hop_v2'] === true,
        messengerRouting: status['msgr_multi_app'] === true,
        instagramRouting: status['ig_multi_app'] === true,
      };
    },
    async subscribedApps(options) {
      const apps = await list('/me/subscribed_apps', options);
      return apps.map((app) => ({
        ...namedOf(app),
        fields: listOf(app['subscribed_fields']).map((field) => textOf(field) ?? ''),
      }));
    },
    async subscribe(options = {}) {
      const body = options.fields === undefined ? {} : { subscribed_fields: options.fields };
      await call({ method: 'POST', path: '/me/subscribed_apps', body, repeat: 'safe' }, options);
    },
    unsubscribe: (options) => remove('/me/subscribed_apps', options),
    async createPersona({ name, pictureUrl }, options) {
      const body = { name, profile_picture_url: pictureUrl };
      const answer = await call({ method: 'POST', path: '/me/personas', body, repeat: 'never' }, options);
      return idOf(answer['id']) ?? '';
    },
    personas: async (options) => (await list('/me/personas', options)).map(personaOf),
    persona: async (id, options) => personaOf(await get(`/${encodeURIComponent(id)}`, options)),
    deletePersona: (id, options) => remove(`/${encodeURIComponent(id)}`, options),
  };
}

/** An app, a page or a customer. */
export const namedOf = (node: JsonObject): Named => ({
  id: idOf(node['id']) ?? '',
  name: textOf(node['name']) ?? '',
});

const personaOf = (node: JsonObject): Persona => ({
  ...namedOf(node),
  pictureUrl: textOf(node['profile_picture_url']) ?? '',
});

/** `name` comes only when it is asked for. */
const PROFILE_FIELDS = { fields: 'id,name,first_name,last_name' };

const profileOf = (node: JsonObject) => ({
  psid: idOf(node['id']) ?? '',
  name: textOf(node['name']) ?? '',
  firstName: textOf(node['first_name']) ?? '',
  lastName: textOf(node['last_name']) ?? '',
});
