/** Days the client has to look at what was submitted before it is released by itself. */
export const reviewDays = 7;
/** A submission after changes were requested leaves at least this much of the review. */
export const leastReviewDays = 3;
/** Days the other side has to answer a proposal or a request to cancel. */
export const answerDays = 7;
/** An attempt to pay that nobody finishes ends by itself. */
export const paymentHours = 24;
/** Longer than this no money is held; processors allow 90 days. */
export const holdDays = 60;
