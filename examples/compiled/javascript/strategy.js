// Runs when a contact is imported: plans the first communication and sets the stage.
//
// Types and limits are in wit/types.wit; names are in camel case here, and what is absent is undefined.

import { log } from "stratagem:strategy/logging@1.0.0";
import { failing } from "./failing.js";

export const run = failing((contact, existingContact, context) => {
  if (existingContact !== undefined) {
    log("info", `${contact.externalId} was there already`);
    return contact;
  }
  contact.communications.push({
    name: "Initial Message",
    stageName: "First Contact",
    startDate: hoursLater(context.now, 1),
    params: "{}",
    status: "planned",
    delivery: "none",
    flagged: false,
  });
  contact.currentStage = "First Contact";
  log("info", `first communication of ${contact.externalId} planned`);
  return contact;
});

/** A moment without an offset is a local time: counted as if it were UTC, it stays one. */
function hoursLater(moment, hours) {
  const time = new Date(`${moment}Z`);
  if (Number.isNaN(time.getTime())) throw new RangeError(`${moment} is no local time`);
  time.setUTCHours(time.getUTCHours() + hours);
  return time.toISOString().slice(0, 19);
}
