/**
 * Which periods' evidence counts in which period, as the common table `member (user_id, counted_in, start)` of a
 * `with recursive`. Everything counts in the period it was logged under, unless that one was merged into another when
 * its reset was undone: then it counts there, and so on. Every sum over the log or over sessions goes through this.
 *
 * `asked` is a query of `(user_id, start)`: the periods to be told of.
 */
export function membersOf(asked: string): string {
  return `
    member (user_id, counted_in, start) as (
      select asked.user_id, asked.start, asked.start from (${asked}) as asked (user_id, start)
      union all
      select member.user_id, member.counted_in, merged.period_start
        from member
        join period_usage merged on merged.user_id = member.user_id and merged.merged_into = member.start
    )`;
}

/** The periods that begin at the instants of one parameter, of the user of another. */
export const periodsAsked = (user: string, starts: string): string =>
  `select ${user}::uuid, unnest(${starts}::timestamptz[])`;
