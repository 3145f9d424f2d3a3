/** The apps' endpoints, in a process of their own: they count events and say when so many have come. */

import { answerParent } from '../tools/child.ts';
import { listenSink, type Sink } from '../tools/sink.ts';
import type { SinkAnswer, SinkQuestion } from '../tools/sinks.ts';

let heard = 0;
let expected = Number.POSITIVE_INFINITY;
let reached: (() => void) | null = null;

function count(events: number): void {
  heard += events;
  if (heard >= expected) reached?.();
}

const sinks: Sink[] = [];
for (let each = 0; each < Number(process.argv[2]); each++) {
  sinks.push(await listenSink({ heard: count }));
}

answerParent(
  sinks.map(({ url }) => url),
  async (question: SinkQuestion): Promise<SinkAnswer> => {
    switch (question.kind) {
      case 'fail':
        for (const sink of sinks) sink.failing = question.failing;
        break;
      case 'expect':
        heard = 0;
        expected = question.events;
        break;
      case 'reached':
        if (heard < expected) await new Promise<void>((resolve) => (reached = resolve));
        break;
    }
    return { heard, latest: sinks.map((sink) => sink.latest()) };
  },
);
