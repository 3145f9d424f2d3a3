/** Too much is under way: the call has done nothing and may be tried again after a pause. */
export class Overloaded extends Error {
  /** What there is too much of. */
  readonly queue: string;

  constructor(queue: string) {
    super(`too many ${queue} are waiting`);
    this.name = 'Overloaded';
    this.queue = queue;
  }
}

/** The store could not write, for want of disk or for worse: nothing was done, and the call may be tried again. */
export class NotWritten extends Error {
  constructor(cause: unknown) {
    super('the store could not write', { cause });
    this.name = 'NotWritten';
  }
}

/** [A1] What let the caller in was taken away before its command was carried out: nothing was done. */
export class Withdrawn extends Error {
  constructor() {
    super('the caller was let in by what it has no more');
    this.name = 'Withdrawn';
  }
}

/** How long a caller is asked to wait. */
export const RETRY_AFTER_SECONDS = 1;
