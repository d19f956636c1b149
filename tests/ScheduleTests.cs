using System.Globalization;
using CsCheck;
using Pipeline.Local;
using Shouldly;
using Xunit;

namespace Pipeline.Tests;

public class ScheduleTests
{
    // A field as text, and the numbers that it stands for.
    private static Gen<(string Text, HashSet<int> Numbers)> Field(int least, int most) => Gen.OneOf(
        Gen.Const(("*", Enumerable.Range(least, most - least + 1).ToHashSet())),
        Gen.Int[2, 20].Select(step => ($"*/{step}", Every(least, most, step))),
        Gen.Int[least, most].List[1, 4].Select(list => (string.Join(',', list), list.ToHashSet())),
        Gen.Select(Gen.Int[least, most], Gen.Int[least, most], Gen.Int[1, 5])
            .Select((a, b, step) => ($"{Math.Min(a, b)}-{Math.Max(a, b)}/{step}", Every(Math.Min(a, b), Math.Max(a, b), step))));

    [Fact]
    public void The_next_occurrence_matches_and_none_lies_before_it()
    {
        var start = Gen.Long[0, 40L * 365 * 86400].Select(s => new DateTimeOffset(2000, 1, 1, 0, 0, 0, TimeSpan.Zero).AddSeconds(s).AddMilliseconds(s % 1000));
        // Days are left open in half of the cases so that an occurrence is near enough to look at every second before it.
        Gen.Select(Field(0, 59), Field(0, 59), Field(0, 23), Field(1, 31), Field(1, 12), Field(0, 6), start, Gen.Bool)
            .Sample((second, minute, hour, day, month, weekday, after, open) =>
            {
                var all = ("*", Enumerable.Range(0, 32).ToHashSet());
                if (open)
                    (day, month, weekday) = (all, all, all);
                var next = Schedule.Parse($"{second.Text} {minute.Text} {hour.Text} {day.Text} {month.Text} {weekday.Text}").Next(after);
                if (next is { } found)
                {
                    found.ShouldBeGreaterThan(after);
                    Matches(found).ShouldBeTrue();
                }
                var first = after.AddTicks(-(after.Ticks % TimeSpan.TicksPerSecond)).AddSeconds(1);
                for (var t = first; t < (next ?? DateTimeOffset.MaxValue) && t < first.AddSeconds(20_000); t = t.AddSeconds(1))
                    Matches(t).ShouldBeFalse($"{t:O} lies before {next:O}");

                bool Matches(DateTimeOffset t) => second.Numbers.Contains(t.Second) && minute.Numbers.Contains(t.Minute) && hour.Numbers.Contains(t.Hour)
                    && day.Numbers.Contains(t.Day) && month.Numbers.Contains(t.Month) && weekday.Numbers.Contains((int)t.DayOfWeek);
            }, iter: 300);
    }

    [Theory]
    [InlineData("0 * * * * *", "2026-01-01T00:00:30Z", "2026-01-01T00:01:00Z")]
    [InlineData("*/10 * * * * *", "2026-01-01T00:00:10Z", "2026-01-01T00:00:20Z")]
    [InlineData("0 30 9 * * mon-fri", "2026-01-02T10:00:00Z", "2026-01-05T09:30:00Z")]
    [InlineData("0 0 0 29 feb *", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00Z")]
    [InlineData("30 2 1 * *", "2026-01-01T02:30:00Z", "2026-02-01T02:30:00Z")]
    [InlineData("0 0 0 29 2 3", "2026-01-01T00:00:00Z", "2040-02-29T00:00:00Z")]
    public void An_occurrence_is_found(string schedule, string after, string next)
        => Schedule.Parse(schedule).Next(DateTimeOffset.Parse(after, CultureInfo.InvariantCulture)).ShouldBe(DateTimeOffset.Parse(next, CultureInfo.InvariantCulture));

    [Fact]
    public void A_day_that_never_comes_has_no_occurrence() => Schedule.Parse("0 0 0 30 2 *").Next(DateTimeOffset.UnixEpoch).ShouldBeNull();

    [Theory]
    [InlineData("* * * *", "4 fields")]
    [InlineData("60 * * * * *", "second")]
    [InlineData("0 0 24 * * *", "hour")]
    [InlineData("0 0 0 0 * *", "day")]
    [InlineData("0 0 0 1 nope *", "month")]
    [InlineData("0 0 0 * * 7", "day of week")]
    [InlineData("*/0 * * * * *", "second")]
    [InlineData("5-1 * * * * *", "second")]
    [InlineData("1,,2 * * * * *", "second")]
    [InlineData("-1 * * * * *", "second")]
    public void A_wrong_field_is_named(string schedule, string says) => Should.Throw<FormatException>(() => Schedule.Parse(schedule)).Message.ShouldContain(says);

    private static HashSet<int> Every(int least, int most, int step) => [.. Enumerable.Range(least, most - least + 1).Where(n => (n - least) % step == 0)];
}
