/** What customers see of a page beside messages, in Graph's own shapes. */

/** A text in one language. */
export type LocaleText = {
  /** `en_US`; `default` for every language that has no text of its own. */
  readonly locale: string;
  /** Up to 160 characters. */
  readonly text: string;
};

/** What a customer can begin with. */
export type Question = {
  /** Up to 200 characters. */
  readonly question: string;
  /** Up to 1,000 characters; comes back with the tap. */
  readonly payload: string;
};
/** The questions in one language; up to 4. */
export type LocaleQuestions = { readonly locale: string; readonly call_to_actions: readonly Question[] };

/** A command that the customer may type. */
export type BotCommand = {
  /** Up to 32 characters. */
  readonly name: string;
  /** Up to 64 characters. */
  readonly description: string;
};
/** The commands in one language. */
export type LocaleCommands = { readonly locale: string; readonly commands: readonly BotCommand[] };

/** An item of a menu; `nested` to three levels. Its title has up to 30 characters. */
export type MenuItem =
  | { readonly type: 'postback'; readonly title: string; readonly payload: string }
  | {
      readonly type: 'web_url';
      readonly title: string;
      readonly url: string;
      readonly webview_height_ratio?: 'compact' | 'tall' | 'full';
      readonly messenger_extensions?: boolean;
      readonly fallback_url?: string;
    }
  | { readonly type: 'nested'; readonly title: string; readonly call_to_actions: readonly MenuItem[] };

/** The menu in one language. Only one that is not the default may do without items. */
export type LocaleMenu = {
  readonly locale: string;
  readonly call_to_actions?: readonly MenuItem[];
  /** Whether the customer can only tap, and not write. */
  readonly composer_input_disabled?: boolean;
};

/** A menu: an entry for each language, `default` among them. */
export type Menu = readonly LocaleMenu[];

/** The parts of a profile, each by itself. The last two every app has for itself, of the others there is one a page. */
export type MessengerProfile = {
  readonly get_started?: { readonly payload: string };
  /** On a Facebook Page only beside `get_started`. */
  readonly persistent_menu?: Menu;
  readonly ice_breakers?: readonly Question[] | readonly LocaleQuestions[];
  readonly greeting?: readonly LocaleText[];
  readonly commands?: readonly BotCommand[] | readonly LocaleCommands[];
  /** Up to 50 addresses. */
  readonly whitelisted_domains?: readonly string[];
  readonly account_linking_url?: string;
};
/** The name of a part. */
export type ProfilePart = keyof MessengerProfile;

/** A profile as it is read: questions and commands stand under their locales, however they were set. */
export type ReadProfile = Omit<MessengerProfile, 'ice_breakers' | 'commands'> & {
  readonly ice_breakers?: readonly LocaleQuestions[];
  readonly commands?: readonly LocaleCommands[];
};

/** The menus that concern one customer; null: there is none. The customer's own hides that of the page. */
export type CustomerMenus = { readonly ofCustomer: Menu | null; readonly ofPage: Menu | null };
