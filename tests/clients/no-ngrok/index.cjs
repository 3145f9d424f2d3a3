/** bottender names ngrok, which downloads a program when it is installed. No test opens a tunnel: this stands in its place. */

exports.connect = async () => {
  throw new Error('there is no ngrok here');
};
