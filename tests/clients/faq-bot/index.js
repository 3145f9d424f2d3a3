/** A FAQ bot as one writes it with bottender: it answers, and passes control to a desk that asks for it. */

module.exports = async function answer(context) {
  const { event } = context;
  if (event.isStandby || event.isEcho) return;
  if (event.isRequestThreadControl) {
    await context.passThreadControl(event.requestThreadControl.requestedOwnerAppId, 'as you asked');
  } else if (event.isText) {
    await context.sendText(`You said: ${event.text}`);
    await context.sendText('Anything else?');
  }
};
