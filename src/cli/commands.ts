/** The commands by name. Each takes its arguments and answers its exit code: 0 done, 1 failed, 2 wrongly called. */

import { appCommand } from './app.ts';
import { eraseCommand } from './erase.ts';
import { serveCommand } from './serve.ts';
import { threadCommand } from './thread.ts';

export type CliCommand = (args: readonly string[]) => Promise<number>;

export const COMMANDS: ReadonlyMap<string, CliCommand> = new Map([
  ['serve', serveCommand],
  ['thread', threadCommand],
  ['app', appCommand],
  ['erase', eraseCommand],
]);

export const USAGE = `baton: one conversation, many apps, one voice

  baton serve [--port 4000] [--host 127.0.0.1] [--data ./baton-data]
              [--world world.json] [--sandbox] [--log info] [--allow 10.0.0.0/8]
              [--rate-limit 1000]
      runs the server; --sandbox adds customers, an inbox and a clock that you move;
      --allow lets webhooks go to a range of addresses that is not public;
      --rate-limit: calls a second of one app on one page, 0: any number

  baton thread <page> <psid> [--data ./baton-data]
      who has control of a conversation, until when and why, its history,
      and for every event who was told and who was not

  baton erase <page> <psid> [--data ./baton-data]
      forgets a customer's name and everything that was said, and keeps who had control,
      when and why; no server may be running on the folder

  baton app deliveries <app> [--data ./baton-data]
      how an app's webhooks are doing: state, what waits, what was set aside, the
      latest attempts
  baton app resend <app> --event <id> | --since <date> | --missed | --set-aside
      sends events again, up to 7 days back
  baton app on <app>
      switches webhooks on again that kept failing

  baton help
`;
