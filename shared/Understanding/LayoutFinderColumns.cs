using System.Globalization;

namespace Pipeline.Understanding;

/// <content>What the columns beside the values are to each other: codes and labels, the same in codes and in words, keys that name the row and nothing else.</content>
internal sealed partial class LayoutFinder
{
    private static readonly HashSet<string> KeyNames = new(StringComparer.OrdinalIgnoreCase)
    {
        "id", "_id", "record id", "recordid", "record", "record no", "record number", "record key", "row id", "rowid", "row key", "obs id", "observation id", "unique id", "uid", "uuid", "guid", "key",
        "记录号", "记录编号", "记录", "唯一标识", "主键", "标识",
    };

    private static readonly string[] RemarkWords = [" footnotes", " footnote", " notes", " note", " comment", " comments"];

    /// <summary>What a column says in codes, or of another one: <c>Flag Codes</c>, <c>PowerCode Code</c>, <c>Value Footnotes</c>.</summary>
    private static Code? RoleOf(string name)
    {
        if (name.Length == 0 || !char.IsAscii(name[0]))
            return null;
        if (Stem(name, ["code", "codes", "description", "label"]) is { Length: > 0 } stem && ConceptWords.Find(stem) is { Id: Concepts.ObsStatus or Concepts.UnitMeasure or Concepts.UnitMult } role)
            return role;
        return Array.Exists(RemarkWords, word => name.Replace('_', ' ').EndsWith(word, StringComparison.OrdinalIgnoreCase)) ? ConceptWords.Codes["COMMENT_OBS"] : null;
    }

    /// <summary>Whether numbers beside THE value say something of the rows and measure nothing: another column, or the period, tells them.</summary>
    private bool IsRemark(ColumnPlan column, ColumnPlan? time, List<ColumnPlan> values) =>
        (time is not null && column.Profile.Years == column.Profile.Filled && Determines(time, column))
        || columns.Any(c => c != column && c != time && !values.Contains(c) && c.Profile.Filled > 0 && c.Profile.Texts.Count * 2 <= data.Count && Determines(c, column));

    /// <summary>Whether another column has the names of what a column numbers: <c>MEASURES,MEASURES_NAME</c>.</summary>
    private bool HasNames(ColumnPlan column) => columns.Any(c => c != column && !c.Profile.IsNumeric && Stem(c.Name, NameWords) is { Length: > 0 } && AreOfOneName(column, c));

    /// <summary>Where several columns say the unit, the multiplier, the status or the frequency, in codes and in words, one does, and the others are attributes.</summary>
    private void Single()
    {
        foreach (var use in (ReadOnlySpan<ColumnUse>)[ColumnUse.Status, ColumnUse.Unit, ColumnUse.Multiplier, ColumnUse.Freq])
        {
            // Units are known by their words, statuses and frequencies by their codes, which stand first.
            var same = columns.Where(c => c.Use == use).OrderBy(c => c.Profile.Filled == 0).ThenBy(c => use is ColumnUse.Unit or ColumnUse.Multiplier && IsCodeName(c.Name)).ToList();
            foreach (var other in same.Skip(1))
                other.Use = ColumnUse.Attribute;
        }
    }

    /// <summary>Tells columns of codes from the columns beside them that hold the codes' labels.</summary>
    private void Pair()
    {
        foreach (var code in Codes())
            if (LabelOf(code) is { } label)
                Pair(code, label);
        if (theValue is null)
            return;
        foreach (var code in Codes())
            if (Beside(code) is { } label && (code.Profile.Texts.Count > 1 || AreNamedAlike(code, label)))
                Pair(code, label);
        // One code beside one label may be two things, but not where the columns stand in pairs.
        if (columns.Any(c => c.LabelColumn is not null))
            foreach (var code in Codes())
                if (Beside(code, areInPairs: true) is { } label)
                    Pair(code, label);
    }

    private List<ColumnPlan> Codes() => [.. columns.Where(c => c.Use == ColumnUse.Dimension && c.LabelColumn is null && c.Profile.Filled > 0 && c.Profile.Texts.All(t => Labels.IsCode(t)))];

    private void Pair(ColumnPlan code, ColumnPlan label)
    {
        if (code.Use != ColumnUse.Dimension || assumptions.Holds(number, code.Index, Assumption.Unpaired))
            return;
        (label.Use, code.LabelColumn) = (ColumnUse.Label, label);
        if (label.Header.Length == 0)
            label.Name = code.Name;
    }

    private ColumnPlan? LabelOf(ColumnPlan code)
    {
        var stem = Stem(code.Name, CodeWords);
        var label = columns.Where(l => l != code && l.Use is ColumnUse.Dimension or ColumnUse.Attribute && l.LabelColumn is null && !l.Profile.IsNumeric
                && (IsSameThing(code, l) || (stem is not null && Math.Abs(l.Index - code.Index) == 1 && l.Concept is null && code.Profile.Texts.Count > 1)))
            .OrderBy(l => AreOfOneName(code, l) ? 0 : IsSameThing(code, l) ? 1 : 2)
            .FirstOrDefault(l => (stem is not null || Stem(l.Name, CodeWords) is null) && AreOneToOne(code, l));
        return label is null || (stem is null && Stem(label.Name, NameWords) is null) ? null : label;
    }

    /// <summary>The labels right of a column of codes, as download pages write them: <c>SEX,Sex</c>, <c>COU,Country</c>, <c>Region/Country/Area,</c>.</summary>
    private ColumnPlan? Beside(ColumnPlan code, bool areInPairs = false)
    {
        if (code.Index + 1 >= columns.Length || columns[code.Index + 1] is not { Use: ColumnUse.Dimension or ColumnUse.Attribute, LabelColumn: null, Profile.Filled: > 0 } label)
            return null;
        return (AreNamedAlike(code, label) || code.Concept is null || code.Concept == label.Concept) && code.Profile.Texts.All(t => Labels.LooksLikeCode(t))
            && (label.Profile.Texts.Any(t => !Labels.LooksLikeCode(t)) || (code.Concept is not null && code.Concept == label.Concept && (areInPairs || code.Profile.Texts.Count > 1))) && AreOneToOne(code, label) ? label : null;
    }

    private static bool AreNamedAlike(ColumnPlan code, ColumnPlan label) => label.Header.Length == 0 || code.Header.Equals(label.Header, StringComparison.OrdinalIgnoreCase);

    private bool AreOneToOne(ColumnPlan one, ColumnPlan other) => Determines(one, other) && Determines(other, one);

    private static bool IsSameThing(ColumnPlan code, ColumnPlan label) => (code.Concept is not null && code.Concept == label.Concept) || AreOfOneName(code, label);

    private static bool AreOfOneName(ColumnPlan code, ColumnPlan label) => AreOfOneName(code.Name, label.Name);

    /// <summary>Whether two names say that one column has the codes of the other's labels: <c>Country Code</c> and <c>Country Name</c>.</summary>
    internal static bool AreOfOneName(string code, string label)
    {
        var a = Stem(code, CodeWords) ?? code;
        var b = Stem(label, NameWords) ?? label;
        return a.Length > 0 && string.Equals(a.Replace('_', ' '), b.Replace('_', ' '), StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Beside THE value, columns that go with another one identify nothing: the period once more, the codes of units and flags, remarks right of the value.</summary>
    private void Follow()
    {
        if (theValue is null)
            return;
        var time = columns.First(c => c.Use == ColumnUse.Time);
        foreach (var column in columns.Where(c => c is { Use: ColumnUse.Dimension, LabelColumn: null }).Reverse().ToList())
        {
            var role = (Stem(column.Name, CodeWords) ?? Stem(column.Name, NameWords)) is { Length: > 0 } stem ? ConceptWords.Find(stem)?.Parent : null;
            var repeats = (column.Profile.IsPeriods || role == "TIME") && AreOneToOne(time, column);
            var isCodeOfAttribute = (role == "ATTRIBUTE" && char.IsAscii(column.Name[0]) && AreToldWithout(column)) || IsCodeName(column.Name) && columns.Any(c => c.Use is ColumnUse.Unit or ColumnUse.Multiplier or ColumnUse.Status or ColumnUse.Symbol or ColumnUse.Freq or ColumnUse.Attribute
                && FirstWord(c.Name).Equals(FirstWord(column.Name), StringComparison.OrdinalIgnoreCase) && AreOneToOne(c, column));
            // One text in all rows may be a class of which this release has one.
            var isRemark = column.Index > theValue.Index && theValue.Index > 0 && column.Concept is null && (column.Profile.Texts.Count > 1 || column.Profile.Filled < data.Count)
                && (table is Grid { IsWhole: true } || column.Profile.Filled * 2 <= data.Count) && AreToldWithout(column);
            if (repeats || isCodeOfAttribute || isRemark)
                column.Use = ColumnUse.Attribute;
        }
    }

    private static string FirstWord(string name) => name.Split(' ', '_', '-')[0];

    /// <summary>Whether the rows that a column tells apart are told apart by the others too.</summary>
    private bool AreToldWithout(ColumnPlan column)
    {
        var others = columns.Where(c => c != column && c.Use is ColumnUse.Dimension or ColumnUse.Time or ColumnUse.Month or ColumnUse.Quarter or ColumnUse.Week or ColumnUse.Freq).ToList();
        string Key(GridRow row) => string.Join('\n', others.Select(c => row[c.Index].Text));
        return data.DistinctBy(Key).Count() == data.DistinctBy(row => Key(row) + "\n" + row[column.Index].Text).Count();
    }

    /// <summary>Sets aside a column that names each row and says nothing of it, where the other columns tell the rows apart: <c>id</c>, <c>record_id</c>, R0001, R0002.</summary>
    private void Keys()
    {
        if (table is not Grid { IsWhole: true } || data.Count < 3)
            return;
        foreach (var column in columns.Where(c => c is { Use: ColumnUse.Dimension, LabelColumn: null, Concept: null } && c.Profile.Texts.Count == data.Count && !Array.Exists(RecordWords, w => c.Name.Contains(w, StringComparison.OrdinalIgnoreCase))))
            if ((KeyNames.Contains(column.Name.Replace('_', ' ').Trim()) || KeyNames.Contains(column.Name) || CountRows(column)) && AreToldWithout(column))
                (column.Use, column.Reason) = (ColumnUse.Aside, RowCounters.Reason);
    }

    /// <summary>Whether one prefix stands before numbers that count the rows.</summary>
    private bool CountRows(ColumnPlan column)
    {
        string? prefix = null;
        long before = -1;
        foreach (var row in data)
        {
            var text = row[column.Index].Text;
            var digits = text.AsSpan().TrimEnd("0123456789").Length;
            if (digits is 0 or > 8 || digits == text.Length || text[..digits] != (prefix ??= text[..digits]) || !long.TryParse(text.AsSpan(digits), NumberStyles.None, CultureInfo.InvariantCulture, out var n) || (before >= 0 && n != before + 1))
                return false;
            before = n;
        }
        return true;
    }
}
