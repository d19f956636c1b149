using Pipeline.Querying;
using Pipeline.Understanding;

namespace Pipeline.Serving;

/// <summary>What a condition on TIME_PERIOD that finds nothing may have meant: an answer without rows does not tell.</summary>
internal static class PeriodHints
{
    /// <summary>A sentence for each condition that no period of the dataset meets, though it reads well.</summary>
    /// <param name="at">The version.</param>
    /// <param name="where">The conditions; only those that all have to hold are looked at.</param>
    public static IEnumerable<string> Of(DatasetAtVersion at, IEnumerable<Criterion> where)
    {
        foreach (var criterion in where)
        {
            switch (criterion)
            {
                case Criterion.All all:
                    foreach (var hint in Of(at, all.Of))
                        yield return hint;
                    break;
                case Criterion.OneOf { Component: Concepts.TimePeriod } one:
                    foreach (var code in one.Codes.Where(code => at.Find(at.TimeIndex, code) < 0))
                        yield return Missing(at, code);
                    break;
                case Criterion.Between { Component: Concepts.TimePeriod, First: { } first, Last: { } last } when first > last:
                    yield return $"A range of {Concepts.TimePeriod} ends ({last:yyyy-MM-dd}) before it begins ({first:yyyy-MM-dd}).";
                    break;
            }
        }
    }

    private static string Missing(DatasetAtVersion at, string code)
    {
        var within = PeriodDays.TryParse(code, out var wanted) ? at.Periods.Count(p => p is { } period && period.Start >= wanted.Start && period.End <= wanted.End) : 0;
        return $"{Concepts.TimePeriod} {code} is no period of this dataset" + (within > 0 ? $"; {code}..{code} finds those that lie within it: {within}."
            : at.Version.TimeFrom is { } from ? $", whose periods go from {from} to {at.Version.TimeTo}." : ", which has none.");
    }
}
