using System.Globalization;
using System.Text;
using Pipeline.Checking;
using Pipeline.Understanding;

namespace Pipeline.Tests.Support;

/// <summary>A unit as an office writes it, and what it is to read as.</summary>
internal sealed record UnitWords(string Text, string Measure, int Multiplier);

/// <summary>What a row, a column, a caption or a sheet says about its cells: labels from the outside in, a period, a unit.</summary>
internal sealed record Slice(params string[] Labels)
{
    /// <summary>TIME_PERIOD; forms that say the same stand between semicolons.</summary>
    public string? Period { get; init; }

    public UnitWords? Unit { get; init; }

    /// <summary>The code that stands beside the label.</summary>
    public string? Code { get; init; }

    /// <summary>What both say. A period that starts with <c>-</c> is a part of the other's year.</summary>
    public Slice And(Slice other) => new([.. Labels, .. other.Labels])
    {
        Period = other.Period is ['-', ..] ? Period + other.Period : Period is ['-', ..] ? other.Period + Period : other.Period ?? Period,
        Unit = other.Unit ?? Unit,
        Code = other.Code ?? Code,
    };
}

/// <summary>An observation that a careful reader reads back from a cell.</summary>
/// <param name="Source">The cell.</param>
/// <param name="Value">The value as shown, or the stored one where the file has more digits; null when there is none.</param>
/// <param name="Status">The OBS_STATUS; <c>missing</c> for any that says so; what a person may also read stands behind a semicolon.</param>
/// <param name="Slice">Labels, period and unit.</param>
internal sealed record Fact(string Source, decimal? Value, string Status, Slice Slice)
{
    /// <summary>Whether the cell is blank: a blank may be published as missing or be left out.</summary>
    public bool IsBlank { get; init; }
}

/// <summary>A difference between what stands in a book and what was read.</summary>
/// <param name="Cause">Its kind, for counting.</param>
/// <param name="Text">What was expected and what was found.</param>
internal sealed record Difference(string Cause, string Text);

/// <summary>Compares what stands in a book with what the check of its bytes publishes.</summary>
internal static class ReadBack
{
    private static readonly string[] Missing = ["O", "M", "L", "Q", "H"];

    /// <summary>Everything that differs; empty when the book was read back exactly.</summary>
    public static List<Difference> Differences(Book book, CheckedRelease release)
    {
        var differences = new List<Difference>();
        void Add(string cause, string text) => differences.Add(new Difference(cause, text));
        foreach (var finding in release.Findings.Kept.Where(f => f.Severity == Severity.Error))
            Add("error " + finding.Code, finding.ToString());
        if (!release.Reconciliation.IsBalanced)
            Add("unbalanced", "the account is not even");
        var seen = Seen.All(release.Cubes.Select(c => c.Cube)).ToLookup(o => o.Source);
        var pool = book.Facts.SelectMany(f => f.Slice.Labels).Select(Plain).ToHashSet();
        foreach (var fact in book.Facts)
        {
            var here = seen[fact.Source].ToList();
            if (here.Count == 0 && !fact.IsBlank)
                Add("not published", $"{fact.Source} is not published: {Told(fact)}");
            else if (here.Count > 1)
                Add("published twice", $"{fact.Source} is published {here.Count} times");
            foreach (var o in here.Take(1))
                Compare(fact, o, pool, (cause, text) => Add(cause, $"{fact.Source}: {text}, read as {Told(o)}"));
        }
        var sources = book.Facts.Select(f => f.Source).ToHashSet();
        foreach (var stray in seen.Where(s => !sources.Contains(s.Key)))
            Add("published though no observation", $"{stray.Key} is published: {Told(stray.First())}");
        return differences;
    }

    private static void Compare(Fact fact, Seen o, HashSet<string> pool, Action<string, string> add)
    {
        var (slice, status) = (fact.Slice, o["OBS_STATUS"]);
        if (o.Value != fact.Value)
            add("value", $"value {fact.Value?.ToString(CultureInfo.InvariantCulture) ?? "missing"} expected");
        if (!(fact.Status == "missing" ? Missing : fact.Status.Split(';')).Contains(status))
            add("status", $"status {fact.Status} expected");
        var period = o["TIME_PERIOD"];
        if (!(slice.Period ?? "").Split(';').Contains(period))
            add("period", $"period {slice.Period ?? "none"} expected");
        else if (o["FREQ"] != Freq(period))
            add("frequency", $"FREQ {Freq(period)} expected");
        if ((o["UNIT_MEASURE"], o["UNIT_MULT"]) != (slice.Unit?.Measure ?? "_X", (slice.Unit?.Multiplier ?? 0).ToString(CultureInfo.InvariantCulture)))
            add("unit", $"unit {slice.Unit?.Measure ?? "_X"} and multiplier {slice.Unit?.Multiplier ?? 0} expected");
        var said = o.Codes.Values.SelectMany(c => c.Labels.Values.Append(c.Id)).Concat(o.Ancestors.SelectMany(a => a.Labels.Values.Append(a.Id))).Append(o.Title).Select(Plain).ToList();
        foreach (var label in slice.Labels.Where(l => !said.Exists(s => Holds(s, Plain(l)))))
            add("label lost", $"label {label} expected");
        if (slice.Code is { } code && !said.Contains(Plain(code)))
            add("code lost", $"code {code} expected");
        var own = slice.Labels.Select(Plain).ToHashSet();
        foreach (var other in o.Codes.Where(c => !c.Key.StartsWith("OBS_", StringComparison.Ordinal)).SelectMany(c => c.Value.Labels.Values).Select(Plain).Where(l => pool.Contains(l) && !own.Contains(l)).Distinct())
            add("another's label", $"label {other} belongs to other cells");
    }

    private static string Freq(string period) => period switch
    {
        "" => "_Z",
        _ when period.Contains('/') => "_O",
        { Length: 4 } => "A",
        _ when period[5] is 'S' or 'Q' or 'W' => period[5..6],
        { Length: 7 } => "M",
        _ => "D",
    };

    /// <summary>Whether a text has the words, not as a part of a longer word.</summary>
    private static bool Holds(string text, string words)
    {
        for (var at = text.IndexOf(words, StringComparison.Ordinal); at >= 0; at = text.IndexOf(words, at + 1, StringComparison.Ordinal))
            if ((at == 0 || IsEdge(text[at - 1], words[0])) && (at + words.Length == text.Length || IsEdge(words[^1], text[at + words.Length])))
                return true;
        return false;

        static bool IsEdge(char before, char after) => !char.IsLetterOrDigit(before) || !char.IsLetterOrDigit(after) || before < 0x2e80 != after < 0x2e80;
    }

    /// <summary>A text without the differences that do not matter: width, case, white space.</summary>
    private static string Plain(string text)
    {
        var plain = new StringBuilder();
        foreach (var c in text.Normalize(NormalizationForm.FormKC).ToLowerInvariant())
            if (!char.IsWhiteSpace(c))
                plain.Append(c is '–' or '—' ? '-' : c);
            else if (plain.Length > 0 && plain[^1] != ' ' && plain[^1] < 0x2e80)
                plain.Append(' ');
        return plain.ToString().Trim();
    }

    private static string Told(Fact fact) => $"{fact.Value?.ToString(CultureInfo.InvariantCulture) ?? fact.Status} of {string.Join(" / ", fact.Slice.Labels)}, {fact.Slice.Period}";

    private static string Told(Seen o) => (o.Value?.ToString(CultureInfo.InvariantCulture) ?? "missing") + " "
        + string.Join(", ", o.Codes.Select(c => $"{c.Key}={c.Value.Id}{(c.Value.Labels.Count > 0 && c.Key != "FREQ" && !c.Key.StartsWith("UNIT", StringComparison.Ordinal) ? $" ({string.Join("; ", c.Value.Labels.Values)})" : "")}"));
}
