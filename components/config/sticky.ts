/*
 * Users who keep their version. Each gets a number, by a cookie, and the canary is for those whose number is below its share:
 * more weight adds users to it and takes none away. The number is the beginning of a request's id, which the first sidecar
 * gives each request that has none: random, and hexadecimal.
 */

/** Header that has a new user's number. */
const numberHeader = "x-request-id";

const digits = 3;
const numbers = 16 ** digits;

/** RE2 expression for the numbers of the users who get a canary of that weight, 1 to 99 percent. */
function numbersBelow(weight: number): string {
  const limit = Math.round((weight / 100) * numbers)
    .toString(16)
    .padStart(digits, "0");
  const below = [...limit].flatMap((digit, place) =>
    digit === "0" ? [] : [`${limit.slice(0, place)}${lessThan(digit)}${any.repeat(digits - place - 1)}`],
  );
  return `(${below.join("|")})`;
}

const any = "[0-9a-f]";
const anyNumber = any.repeat(digits);

interface Match {
  /** Name of a header. */
  readonly header: string;
  /** RE2 expression for all of its value. */
  readonly regex: string;
}

/** Users with a cookie by that name whose number is one of the canary's; those with any number; and who has no cookie yet. */
export function stickyMatches(cookie: string, weight: number): { ofCanary: Match; known: Match; isNew: Match } {
  const named = `(.*; ?)?${cookie}=`;
  const numbers = numbersBelow(weight);
  return {
    ofCanary: { header: "cookie", regex: `${named}${numbers}.*` },
    known: { header: "cookie", regex: `${named}${anyNumber}.*` },
    isNew: { header: numberHeader, regex: `${numbers}.*` },
  };
}

/** Header `Set-Cookie` of an answer to a new user. */
export function stickyGift(cookie: string, days: number): string {
  return `${cookie}=%REQ(${numberHeader})%; Max-Age=${days * secondsOfDay}; Path=/; HttpOnly; SameSite=Lax`;
}

const secondsOfDay = 86_400;

/** Which of these rules are by users' numbers, and the weight that they stand for: 0 when there are none. */
export function stickyShare(rules: readonly Partial<Match>[]) {
  const weights = Array.from({ length: 99 }, (_, index) => index + 1);
  const isNew = ({ header, regex }: Partial<Match>, weight: number) =>
    header === numberHeader && regex === `${numbersBelow(weight)}.*`;
  const share = weights.find((weight) => rules.some((rule) => isNew(rule, weight))) ?? 0;
  const endings = share === 0 ? [] : [anyNumber, numbersBelow(share)].map((numbers) => `=${numbers}.*`);
  const isByNumber = (rule: Partial<Match>) =>
    isNew(rule, share) || (rule.header === "cookie" && endings.some((ending) => rule.regex?.endsWith(ending)));
  return { share, isByNumber };
}

/** One hexadecimal digit that is less than this one. */
function lessThan(digit: string): string {
  const most = Number.parseInt(digit, 16) - 1;
  return most <= 9 ? `[0-${most}]` : `[0-9a-${most.toString(16)}]`;
}
