/** The calls about a page: its customers, its apps, the personas of the caller. */

import type { Caller, CallOptions } from './calls.ts';
import type { Client, Named, Persona } from './client.ts';
import { BatonError } from './errors.ts';
import { idOf, type JsonObject, listOf, objectOf, textOf } from './json.ts';

/** The subcode of what there is not, or not for this app. */
const NO_SUCH_NODE = 33;

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
export const pageCalls = (call: Caller): PageCalls => ({
  ...ofThePage(call),
  ...ofItsApps(call),
  ...ofPersonas(call),
});

type OfThePage = Pick<PageCalls, 'page' | 'featureStatus' | 'profile'>;
type OfItsApps = Pick<PageCalls, 'secondaryReceivers' | 'subscribedApps' | 'subscribe' | 'unsubscribe'>;

function ofThePage(call: Caller): OfThePage {
  const get = (path: string, query: Readonly<Record<string, string>>, options?: CallOptions) =>
    call({ method: 'GET', path, query, repeat: 'safe' }, options);
  return {
    page: async (options) => namedOf(await get('/me', {}, options)),
    async featureStatus(options) {
      const node = await get('/me', { fields: 'messaging_feature_status' }, options);
      const status = objectOf(node['messaging_feature_status']);
      return {
        handover: status['hop_v2'] === true,
        messengerRouting: status['msgr_multi_app'] === true,
        instagramRouting: status['ig_multi_app'] === true,
      };
    },
    profile: async (psid, options) =>
      profileOf(await get(`/${encodeURIComponent(psid)}`, PROFILE_FIELDS, options)),
  };
}

function ofItsApps(call: Caller): OfItsApps {
  const path = '/me/subscribed_apps';
  return {
    secondaryReceivers: async (options) =>
      (await listAt(call, '/me/secondary_receivers', options)).map(namedOf),
    async subscribedApps(options) {
      const apps = await listAt(call, path, options);
      return apps.map((app) => ({
        ...namedOf(app),
        fields: listOf(app['subscribed_fields']).map((field) => textOf(field) ?? ''),
      }));
    },
    async subscribe(options = {}) {
      const body = options.fields === undefined ? {} : { subscribed_fields: options.fields };
      await call({ method: 'POST', path, body, repeat: 'safe' }, options);
    },
    unsubscribe: (options) => removeAt(call, path, options),
  };
}

function ofPersonas(call: Caller): Omit<PageCalls, keyof OfThePage | keyof OfItsApps> {
  const path = '/me/personas';
  const node = (id: string): string => `/${encodeURIComponent(id)}`;
  return {
    async createPersona({ name, pictureUrl }, options) {
      const body = { name, profile_picture_url: pictureUrl };
      const answer = await call({ method: 'POST', path, body, repeat: 'never' }, options);
      return idOf(answer['id']) ?? '';
    },
    personas: async (options) => (await listAt(call, path, options)).map(personaOf),
    persona: async (id, options) =>
      personaOf(await call({ method: 'GET', path: node(id), repeat: 'safe' }, options)),
    async deletePersona(id, options) {
      try {
        await removeAt(call, node(id), options);
      } catch (error) {
        // A try before this one, whose answer was lost, has done it.
        const isGone = error instanceof BatonError && error.subcode === NO_SUCH_NODE && error.tries > 1;
        if (!isGone) throw error;
      }
    },
  };
}

async function listAt(call: Caller, path: string, options?: CallOptions): Promise<readonly JsonObject[]> {
  const { data } = await call({ method: 'GET', path, repeat: 'safe' }, options);
  return listOf(data).map(objectOf);
}

async function removeAt(call: Caller, path: string, options?: CallOptions): Promise<void> {
  await call({ method: 'DELETE', path, repeat: 'safe' }, options);
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
