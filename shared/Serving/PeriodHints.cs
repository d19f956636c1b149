using System.Text;
using System.Text.Json.Nodes;
using Pipeline.Querying;
using Pipeline.Understanding;

namespace Pipeline.Serving;

/// <summary>Why a condition finds nothing, above all one on TIME_PERIOD, or what may be meant by a period that is written as it is elsewhere.</summary>
internal static class PeriodHints
{
    /// <summary>A sentence for each condition that no period, or no code, of the dataset meets, though it reads well.</summary>
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
                case Criterion.OneOf { Codes.Count: 0 } none:
                    yield return $"None of the codes of {none.Component} is as the condition says.";
                    break;
                case Criterion.Between { Component: Concepts.TimePeriod, First: { } first, Last: { } last } when first > last:
                    yield return $"A range of {Concepts.TimePeriod} ends ({last:yyyy-MM-dd}) before it begins ({first:yyyy-MM-dd}).";
                    break;
            }
        }
    }

    /// <summary>How a period is written that a text means in another notation: <c>2005Q1</c>, <c>2023M01</c>, <c>2023年1月</c>, <c>Jan 2023</c>, or <c>第一季度</c> of the last year; null for none.</summary>
    /// <param name="text">The text.</param>
    /// <param name="at">The version whose periods say which of two readings is meant; null for none.</param>
    public static string? Spelling(string text, DatasetAtVersion? at)
    {
        if (text.Length is 0 or > Periods.MaxLength)
            return null;
        // 2009/10 is a year that spans two, or a month: what the dataset has tells.
        var readings = new List<string>();
        var plain = Plain(text);
        foreach (var spans in (bool?[])[null, false])
            if (Periods.TryParse(plain, out var period, spans: spans) && period.IsPossible)
                readings.Add(period.Id);
        if (readings.Count == 0 && SdmxTime.TryParse(text, out var days) && at is not null)
            readings.AddRange(at.Components[at.TimeIndex].Codes.Where((_, i) => at.Periods[i] == days).Select(code => code.Id).Take(1));
        // Without a year it is the last one's.
        if (readings.Count == 0 && at?.Version.TimeTo is { Length: >= 4 } last && !PeriodDays.TryParse(text, out _))
            foreach (var dated in (string[])[$"{last[..4]}年{text}", $"{text} {last[..4]}"])
                if (Periods.TryParse(dated, out var period) && period.IsPossible)
                    readings.Add(period.Id);
        readings.RemoveAll(reading => reading == text || !PeriodDays.TryParse(reading, out _));
        return readings.Find(reading => at?.Find(at.TimeIndex, reading) >= 0) ?? readings.FirstOrDefault();
    }

    // In digits and signs of full width, or with the month first: 06/2023.
    private static string Plain(string text)
    {
        var plain = text.Any(char.IsSurrogate) ? text.Trim() : text.Normalize(NormalizationForm.FormKC).Trim();
        return plain.Split(['/', '.', '-']) is [{ Length: 1 or 2 } month, { Length: 4 } year] && int.TryParse(month, out var number) && number is >= 1 and <= 12 && year.All(char.IsAsciiDigit)
            ? $"{year}-{number:D2}" : plain;
    }

    /// <summary>The problem that a text is no period: how it is written where it is one, else which forms there are and from when to when the dataset goes.</summary>
    /// <param name="parameter">The parameter.</param>
    /// <param name="value">What it was given as.</param>
    /// <param name="text">The period in it.</param>
    /// <param name="forms">What can be read, in words.</param>
    /// <param name="at">The version; null for none.</param>
    /// <param name="code">The problem's code.</param>
    public static ProblemException Malformed(string parameter, string value, string text, string forms, DatasetAtVersion? at, string code = "malformed-period") =>
        Spelling(text, at) is { } meant ? Meant(parameter, value, text, meant, forms, at, code) : ProblemException.Malformed(parameter, value, Expected(forms, at), code);

    /// <summary>The problem that a text is no period, where it is known which is meant.</summary>
    /// <param name="parameter">The parameter.</param>
    /// <param name="value">What it was given as.</param>
    /// <param name="text">The period in it.</param>
    /// <param name="meant">How that is written.</param>
    /// <param name="forms">What can be read, in words.</param>
    /// <param name="at">The version; null for none.</param>
    /// <param name="code">The problem's code.</param>
    public static ProblemException Meant(string parameter, string value, string text, string meant, string forms, DatasetAtVersion? at, string code = "malformed-period") =>
        new(400, code, $"{parameter} can not be read: '{ProblemException.Short(value)}'; did you mean '{meant}'?")
        {
            Parameter = parameter,
            Value = value,
            Expected = Expected(forms, at),
            DidYouMean = meant,
            Corrections = [new Correction(parameter, text, meant)],
        };

    private static string Expected(string forms, DatasetAtVersion? at) =>
        forms + (at?.Version.TimeFrom is { } from ? $"; the periods of {at.Structure.Id} go from {from} to {at.Version.TimeTo}" : "");

    /// <summary>The problem that a version has no such period.</summary>
    /// <param name="status">The HTTP status.</param>
    /// <param name="code">The problem's code.</param>
    /// <param name="at">The version.</param>
    /// <param name="sentence">What there is none of.</param>
    /// <param name="parameter">The parameter.</param>
    /// <param name="value">What was asked for.</param>
    public static ProblemException Unknown(int status, string code, DatasetAtVersion at, string sentence, string? parameter, string value)
    {
        const int shown = 20;
        var meant = Spelling(value, at) is { } spelling && at.Find(at.TimeIndex, spelling) >= 0 ? spelling : null;
        List<string> periods = [.. at.Components[at.TimeIndex].Codes.Index().OrderBy(c => at.PeriodRanks[c.Index]).Select(c => c.Item.Id)];
        return new ProblemException(status, code, sentence + (meant is null ? "." : $"; did you mean '{meant}'?")
            + (at.Version.TimeFrom is { } from ? $" The periods of {at.Structure.Id} go from {from} to {at.Version.TimeTo}." : ""))
        {
            Parameter = parameter,
            Value = value,
            // Of many periods the last are asked for.
            Expected = new JsonArray([.. periods.Skip(Math.Max(0, periods.Count - shown)).Select(period => (JsonNode)period)]),
            DidYouMean = meant,
        };
    }

    private static string Missing(DatasetAtVersion at, string code)
    {
        var within = PeriodDays.TryParse(code, out var wanted) ? at.Periods.Count(p => p is { } period && period.Start >= wanted.Start && period.End <= wanted.End) : 0;
        return $"{Concepts.TimePeriod} {code} is no period of this dataset" + (within > 0 ? $"; {code}..{code} finds those that lie within it: {within}."
            : at.Version.TimeFrom is { } from ? $", whose periods go from {from} to {at.Version.TimeTo}." : ", which has none.");
    }
}
