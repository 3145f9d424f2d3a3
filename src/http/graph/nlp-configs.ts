/** `POST /{page}/nlp_configs`: clients set it at their start (CLIENTS 2). There is no language model here to set. */

import { renderSuccess } from '../../wire/answers.ts';
import { answerWith } from './answer.ts';
import { METADATA_TASKS, type Route } from './call.ts';

export const setNlpConfigs: Route = {
  tasks: METADATA_TASKS,
  connected: false,
  run: async () => answerWith(renderSuccess()),
};
