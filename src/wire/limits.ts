/** How much of anything the wire takes. Sizes of texts are in Unicode characters (code points). */

/** Largest request body, in bytes. */
export const MAX_BODY_BYTES = 1_048_576;
/** Most parameters of one call, by distinct name. */
export const MAX_PARAMETERS = 200;
/** Most `name=value` pairs of a query, a form or a multipart body; several may fold into one parameter. */
export const MAX_PAIRS = 2_000;
/** Deepest nesting of lists and objects, in JSON and in `a[0][b]` names. */
export const MAX_DEPTH = 32;

/** [C18] Metadata of a control call or of a message. */
export const MAX_METADATA = 1_000;
/** Text of a message. */
export const MAX_TEXT = 2_000;
/** Quick replies of a message. */
export const MAX_QUICK_REPLIES = 13;
/** Title of a quick reply or a button. */
export const MAX_BUTTON_TITLE = 20;
/** Payload of a quick reply or a button. */
export const MAX_PAYLOAD = 1_000;
/** Buttons of a button template or of one element of a generic template. */
export const MAX_BUTTONS = 3;
/** Text of a button template. */
export const MAX_BUTTON_TEMPLATE_TEXT = 640;
/** Elements of a generic template. */
export const MAX_ELEMENTS = 10;
/** Title or subtitle of an element of a generic template. */
export const MAX_ELEMENT_TEXT = 80;
/** An address in a message. */
export const MAX_URL = 4_096;
/** Longest `Idempotency-Key`, in characters. */
export const MAX_IDEMPOTENCY_KEY = 255;
