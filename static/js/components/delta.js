// The price of a change, before it is made.

import { brokenRule } from "../core/sentences.js";
import { S } from "../core/strings.js";

/** What a preview says, in words: "+4 min · +1.2 km · +€0.80 · 1 late". */
export function deltaWords(answer, fmt) {
  if (!answer) return "";
  if (answer.refused) return answer.refused;
  const { drive_s: drive, distance_m: distance, cost_cents: cost, late, violations = [] } = answer.delta;
  const parts = [fmt.signed(drive, fmt.duration), fmt.signed(distance, fmt.distance), fmt.signed(cost, fmt.money)];
  if (late > 0) parts.push(`+${S.late(late)}`);
  for (const one of violations) parts.push(brokenRule(one, fmt));
  return parts.join(" · ");
}
