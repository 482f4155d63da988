/**
 * A web site's log of two days in Apache's combined format, and its visitors. Every third of `visitors` addresses comes
 * on both days, and requests one page more than its number's last digit.
 */
export function accessLog(visitors: number): {
  text: string;
  requests: number;
  daily: Record<string, number>;
  monthly: Record<string, number>;
} {
  const lines: string[] = [];
  const days = ["2026-05-30", "2026-05-31"];
  const seen = days.map(() => new Set<number>());
  for (let visitor = 0; visitor < visitors; visitor += 1) {
    for (const day of visitor % 3 === 0 ? [0, 1] : [visitor % 2]) {
      seen[day]?.add(visitor);
      for (let page = 0; page <= visitor % 10; page += 1) {
        const hour = `${(visitor * 7 + page) % 24}`.padStart(2, "0");
        const status = visitor % 17 === 0 ? 404 : 200;
        const request = `"GET /page/${page}?from=%22 HTTP/1.1" ${status} ${1000 + visitor * page}`;
        lines.push(
          `10.1.${visitor >> 8}.${visitor & 255} - - [${30 + day}/May/2026:${hour}:00:00 +0000] ${request} "-" "agent \\"${visitor % 4}\\""`,
        );
      }
    }
  }
  // As vulnerability scanners send it: careless regular expressions in Java overflow the stack on it.
  lines.push(
    `10.1.0.0 - - [30/May/2026:00:00:00 +0000] "${"\\x90\\x02".repeat(1000)}" 414 340 "-" "agent \\"0\\""`,
  );
  const daily = Object.fromEntries(days.map((day, index) => [day, seen[index]?.size ?? 0]));
  return {
    text: `${lines.join("\n")}\nnot a request\n`,
    requests: lines.length,
    daily,
    monthly: { "2026-05": visitors },
  };
}
