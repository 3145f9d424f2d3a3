/** The commands by name. Each takes its arguments and answers its exit code: 0 done, 1 failed, 2 wrongly called. */

export type CliCommand = (args: readonly string[]) => Promise<number>;

/** Loaded when they are called: a server has no use for the others. */
export const COMMANDS: ReadonlyMap<string, CliCommand> = new Map<string, CliCommand>([
  ['serve', async (args) => (await import('./serve.ts')).serveCommand(args)],
  ['thread', async (args) => (await import('./thread.ts')).threadCommand(args)],
  ['app', async (args) => (await import('./app.ts')).appCommand(args)],
  ['threads', async (args) => (await import('./threads.ts')).threadsCommand(args)],
  ['check', async (args) => (await import('./check.ts')).checkCommand(args)],
  ['page', async (args) => (await import('./page.ts')).pageCommand(args)],
  ['subscription', async (args) => (await import('./subscription.ts')).subscriptionCommand(args)],
  ['person', async (args) => (await import('./person.ts')).personCommand(args)],
  ['token', async (args) => (await import('./token.ts')).tokenCommand(args)],
  ['rekey', async (args) => (await import('./rekey.ts')).rekeyCommand(args)],
  ['erase', async (args) => (await import('./erase.ts')).eraseCommand(args)],
  ['backup', async (args) => (await import('./backup.ts')).backupCommand(args)],
  ['restore', async (args) => (await import('./restore.ts')).restoreCommand(args)],
]);

export const USAGE = `baton: one conversation, many apps, one voice

  baton serve [--port 4000] [--host 127.0.0.1] [--data ./baton-data]
              [--world world.json] [--sandbox] [--log info] [--allow 10.0.0.0/8]
              [--public-url https://baton.example.org]
              [--key-file <file>] [--rate-limit 1000] [--metrics-open]
      runs the server; --sandbox adds customers, an inbox and a clock that you move;
      --allow lets webhooks go to a range of addresses that is not public;
      --public-url is the address under which customers fetch what apps upload;
      --key-file holds the key that secrets are sealed with (or BATON_KEY; else <data>/key);
      --rate-limit: calls a second of one app on one page, 0: any number;
      --metrics-open: anybody may read /metrics, not only the operator

  baton thread <page> <psid> [--data ./baton-data]
      who has control of a conversation, until when and why, its history,
      and for every event who was told and who was not

  baton threads <page> [--owner <app> | --idle] [--limit 50] [--after <psid>]
      the conversations of a page, by customer: who has control and until when; never what
      was said

  baton check [--data ./baton-data] [--allow 10.0.0.0/8]
  baton check --world world.json [--sandbox] [--allow 10.0.0.0/8]
      what will go wrong with the configuration of a server, a folder or a world file, and
      what to do about it; ends with 1 when something will not work

  baton erase <page> <psid> [--data ./baton-data]
      forgets a customer's name and everything that was said, and keeps who had control,
      when and why; no server may be running on the folder

  baton backup <file> [--overwrite] [--data ./baton-data]
      writes everything that is kept, as it is at one instant, into one file, beside a
      running server or without one
  baton restore <file> --data <folder>
      makes a data folder of a backup; the folder must be empty

  baton app deliveries <app> [--data ./baton-data]
      how an app's webhooks are doing: state, what waits, what was set aside, the
      latest attempts
  baton app resend <app> --event <id> | --since <date> | --missed | --set-aside
      sends events again, up to 7 days back
  baton app on <app>
      switches webhooks on again that kept failing

  baton page list | show <page>
      the pages: who answers first, the apps and what they hear, people, entry points
  baton page create <name> [--id <page>] [--platform messenger|instagram]
              [--mode handover|conversation_routing]
              [--idle-channel standby|messaging] [--retention-days <days>]
  baton page set <page> [--name <name>] [--primary-receiver <app>|none]
              [--default-app <app>|inbox] [--idle-channel standby|messaging|default]
              [--retention-days <days>|forever]
      makes a page, and changes it; a primary receiver must be connected and is told
  baton page entry-point <page> --ad <ad_id> | --ref <ref> --app <app> [--days 1]
  baton page entry-point <page> --ad <ad_id> | --ref <ref> --remove
      which app an ad or a link leads to, and for how long it then has control
  baton page customer <page> <psid> [--name <name>]
      makes a customer known to a page
  baton page routing <page> --to handover|conversation_routing [--report]
      puts a page under the other mode while it runs, and tells which conversations and
      apps are treated otherwise; with --report it only tells

  baton app list | show <app>
      the apps, without their secrets: state, roles, features, what pages allow them
  baton app create <name> [--id <app>] [--redirect-uri <url>]
      makes an app, in development, and shows its secret once
  baton app live <app> on|off
  baton app set <app> [--name <name>] [--testers <psid>,…] [--redirect-uri <url>]
  baton app role <app> <person> admin|developer|tester|none
  baton app permissions <app> <page> [--set pages_messaging,…] [--take-control on|off]
              [--standby-access on|off]
      what an app is, who may use it, and what a page allows it
  baton app review <app> [--grant <feature> | --reject <feature>] [--reason <text>]
      App Review: what the app has asked for; grants pages_messaging or human_agent, or
      rejects it or takes it away, at once
  baton app rotate-secret <app> [--grace 24h]
      another secret, shown once; the one before is good for the time of grace

  baton subscription list <app>
  baton subscription set <app> [--object page|instagram] --url <callback>
              --verify-token-file <file> [--fields messages,…] [--max-batch 1]
      where an app hears of pages; the callback is verified first, as in the Graph. What is
      not given stays as it is
  baton subscription set <app> --page <page> [--fields messages,standby,…]
      connects an app to a page, and says what it hears there; without --fields an app that
      is new there hears everything, and another what it heard before
  baton subscription remove <app> --page <page> | --object page|instagram
      ends the app's connection to the page, or takes its callback away

  baton person list
  baton person set <person> [--name <name>] [--password-file <file> | --no-password]
  baton person tasks <person> <page> --set MODERATE,MESSAGING
      the people of the business, and what they may do on pages; --set "" takes all away

  baton token create --app <app> --page <page> --person <person>
      a Page token, shown once
  baton token list [--app <app>] [--page <page>] [--person <person>]
  baton token revoke <id> | --app <app> --page <page> --person <person>
      tokens without their texts; what is revoked is worth nothing from the next call on

  baton rekey --new-key-file <file> [--key-file <file>] [--data ./baton-data]
      seals all secrets with another key; no server may be running on the folder

  baton help [<command>]
      all of this, or what concerns one command, as with --help behind it
`;

/** What the usage says of one command; of another word, all of it. */
export function helpOf(name: string): string {
  if (!COMMANDS.has(name)) return USAGE;
  const parts = USAGE.trimEnd().split('\n\n');
  const isMeant = (part: string): boolean =>
    part.split('\n').some((line) => line.startsWith(`  baton ${name} `));
  return `${parts.filter(isMeant).join('\n\n')}\n`;
}
