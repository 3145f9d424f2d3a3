/** How much of anything the wire takes. Sizes of texts are in Unicode characters (code points). */

/** Largest request body, in bytes; of one that brings files, the fields beside them. */
export const MAX_BODY_BYTES = 1_048_576;
/** Most parameters of one call, by distinct name. */
export const MAX_PARAMETERS = 200;
/** Most `name=value` pairs of a query, a form or a multipart body; several may fold into one parameter. */
export const MAX_PAIRS = 2_000;
/** Largest headers of one part of a multipart body, in bytes. */
export const MAX_PART_HEADER_BYTES = 8_192;
/** Deepest nesting of lists and objects, in JSON and in `a[0][b]` names. */
export const MAX_DEPTH = 32;

/** Most calls in one batch. */
export const MAX_BATCH_ITEMS = 50;
/** Most references of one item of a batch to the answers of earlier ones. */
export const MAX_REFERENCES = 100;
/** [W6] Longest `verify_token` of a callback. */
export const MAX_VERIFY_TOKEN = 1_000;

/** [C18] Metadata of a control call or of a message. */
export const MAX_METADATA = 1_000;
/** Text of a message. */
export const MAX_TEXT = 2_000;
/** Quick replies of a message. */
export const MAX_QUICK_REPLIES = 13;
/** Title of a quick reply or a button. */
export const MAX_BUTTON_TITLE = 20;
/** Payload of a quick reply, a button or anything else that can be tapped. */
export const MAX_PAYLOAD = 1_000;
/** Buttons of a button template or of one element of a generic template. */
export const MAX_BUTTONS = 3;
/** Text of a button template. */
export const MAX_BUTTON_TEMPLATE_TEXT = 640;
/** Elements of a generic template. */
export const MAX_ELEMENTS = 10;
/** Title or subtitle of an element of a generic template. */
export const MAX_ELEMENT_TEXT = 80;
/** A template other than a survey, in bytes of JSON. The largest that keeps to the limits of its parts fits. */
export const MAX_TEMPLATE_BYTES = 409_600;
/** [S1] A survey, in bytes of JSON: a hundred of them stand in a thread while they wait. */
export const MAX_SURVEY_BYTES = 8_192;
/** An address in a message. */
export const MAX_URL = 4_096;
/** Longest `Idempotency-Key`, in characters. */
export const MAX_IDEMPOTENCY_KEY = 255;

/** Greeting of a page, in one locale. */
export const MAX_GREETING = 160;
/** Ice breakers of a page, in one locale. */
export const MAX_ICE_BREAKERS = 4;
/** Question of an ice breaker. */
export const MAX_ICE_BREAKER_QUESTION = 200;
/** Items of a menu, in one locale; of a nested item as many again. */
export const MAX_MENU_ITEMS = 20;
/** Title of an item of a menu. */
export const MAX_MENU_TITLE = 30;
/** Levels of a menu. */
export const MAX_MENU_DEPTH = 3;
/** The menu of a page, all locales together, in bytes of JSON. */
export const MAX_MENU_BYTES = 262_144;
/** [M3] The menu of one customer, in bytes of JSON: it stands in the thread. */
export const MAX_CUSTOMER_MENU_BYTES = 32_768;
/** Commands of a page, in one locale. */
export const MAX_COMMANDS = 100;
/** Name of a command. */
export const MAX_COMMAND_NAME = 32;
/** Description of a command. */
export const MAX_COMMAND_DESCRIPTION = 64;
/** Domains that an app whitelists on one page. */
export const MAX_DOMAINS = 50;
/** Locales in which a part of a profile is given. */
export const MAX_LOCALES = 200;
/** [S1] Title of a survey. */
export const MAX_SURVEY_TITLE = 65;
/** [S1] Subtitle of a survey. */
export const MAX_SURVEY_SUBTITLE = 80;
/** [S1] Title of the button that opens a survey. */
export const MAX_SURVEY_BUTTON = 20;
/** [S1] Id of a survey's question. */
export const MAX_QUESTION_ID = 80;
/** [S1] What a survey asks. */
export const MAX_QUESTION_TITLE = 85;
/** [S1] What stands in the empty field for an answer in words. */
export const MAX_PLACEHOLDER = 65;
/** [S2] Longest that a survey can be answered once it has been delivered, in days. */
export const MAX_EXPIRES_IN_DAYS = 7;
/** [S3] An answer in words to a survey. */
export const MAX_SURVEY_ANSWER = 400;
/** A reaction of an app to a message, by its name or as the sign itself. */
export const MAX_REACTION = 30;
/** Largest file that can be uploaded, in bytes. */
export const MAX_UPLOAD_BYTES = 26_214_400;
/** Largest body of a call that uploads a file, in bytes: the file, and what stands around it. */
export const MAX_UPLOAD_BODY_BYTES = 27_262_976;
/** Name of an uploaded file; what is longer is cut off. */
export const MAX_FILENAME = 200;
/** Fields of one selection `fields=a,b{c}`, those within braces too. */
export const MAX_FIELDS = 100;
/** Braces within braces of a selection. */
export const MAX_FIELD_DEPTH = 4;
/** Longest list that one reading answers; without `limit` it is a quarter of that. */
export const MAX_PAGE_ITEMS = 100;
