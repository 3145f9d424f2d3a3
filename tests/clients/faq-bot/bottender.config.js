/** As bottender's own documentation has it; what differs from one run to the next stands in the environment. */

const { BATON, CALLBACK_FIELDS, BATCH_DELAY } = process.env;

module.exports = {
  channels: {
    messenger: {
      enabled: true,
      path: '/webhooks/messenger',
      pageId: '1001',
      appId: '2001',
      appSecret: 'secret-2001',
      accessToken: 'token-2001',
      verifyToken: 'verify',
      origin: BATON,
      ...(CALLBACK_FIELDS === undefined ? {} : { fields: CALLBACK_FIELDS.split(',') }),
      ...(BATCH_DELAY === undefined ? {} : { batchConfig: { delay: Number(BATCH_DELAY) } }),
      profile: {
        getStarted: { payload: 'GET_STARTED' },
        greeting: [{ locale: 'default', text: 'Selamat datang' }],
        persistentMenu: [
          {
            locale: 'default',
            composerInputDisabled: false,
            callToActions: [{ type: 'postback', title: 'Opening hours', payload: 'HOURS' }],
          },
        ],
      },
    },
  },
};
