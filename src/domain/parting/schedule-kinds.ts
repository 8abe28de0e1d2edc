/** Kinds of the object's scheduled work around parting; `relationship/tasks.ts` says who does it. */

/** Tells the directory what the object has decided about the status. */
export const STATUS_REPORT = "status.report";
/** Asks the directory to end a frozen relationship. */
export const PARTING_END = "parting.end";
/** Destroys an ended object once nobody's part is in it any more. */
export const DESTROY = "destroy";
