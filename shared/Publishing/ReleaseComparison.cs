using System.Globalization;
using Pipeline.Checking;
using Pipeline.Understanding;

namespace Pipeline.Publishing;

/// <summary>
/// What a release changes against the version before, told while both go by in the order of their series: values off their history's scale, changed units,
/// series that end, new, vanished and renamed codes. Only what would break the meaning holds the release: see <see cref="Findings.Hold"/>.
/// </summary>
internal sealed class ReleaseComparison
{
    // A series of more periods is looked at in parts of so many, each with the end of the one before as its history.
    private const int MostPoints = 4096;

    // So many values of one unit have to be off by one factor, and that share of them, to be one slip of the whole table.
    private const int LeastOfTable = 5;
    private const double ShareOfTable = 0.8;
    private const int AnyIndicator = -2;

    // A series has to be in so many of the last periods to be missed.
    private const int Recent = 3;
    private const int MostGroups = 1000;
    private const int Named = 10;

    private readonly DatasetStructure structure;
    private readonly bool isExtracted;
    private readonly DatasetStructure? before;
    private readonly Totals? totals;
    private readonly Cube cube;
    private readonly int version;
    private readonly int time;
    private readonly int indicator;
    private readonly int unit;
    private readonly int mult;
    private readonly SeriesScale scale;
    private readonly int[] key;
    private readonly SeriesPoint[] points = new SeriesPoint[MostPoints];
    private readonly ScaleVerdict[] verdicts = new ScaleVerdict[MostPoints];
    private readonly Dictionary<(int Indicator, int Unit, int Mult, bool IsRevision), Table> tables = [];
    private readonly Dictionary<(int Unit, int Mult, int UnitNow, int MultNow), UnitChange> unitChanges = [];
    private readonly char[] kind;
    private readonly bool[] isRecent;
    private readonly bool[] isNewest;
    private readonly Dictionary<char, int> recent = [];
    private readonly List<Finding> missing = [];
    // Values of more units and indicators than are told apart.
    private readonly Table rest = new();
    private int count;
    private bool hasNew;
    private bool hasOld;
    private long present;
    private long absent;

    /// <summary>A comparison that has seen nothing yet.</summary>
    /// <param name="merge">The structures put together.</param>
    /// <param name="before">The structure of the version before; null when there is none, or none that the release could be compared with.</param>
    /// <param name="version">Its number.</param>
    /// <param name="cube">The release's cube.</param>
    public ReleaseComparison(StructureMerge merge, DatasetStructure? before, int version, Cube cube)
    {
        (this.before, this.version, this.cube, structure, totals) = (before, version, cube, merge.Structure, Totals.Of(merge.Structure));
        var ids = structure.Components.Select(c => c.Id).ToList();
        (time, indicator, unit, mult) = (structure.TimeIndex, ids.IndexOf(Concepts.Indicator), ids.IndexOf(Concepts.UnitMeasure), ids.IndexOf(Concepts.UnitMult));
        indicator = indicator < time ? indicator : -1;
        isExtracted = cube.IndexOf(CubeOfProse.Extracted) >= 0;
        key = new int[time];
        var times = structure.Components[time].Codes;
        scale = new SeriesScale(times, structure.Components[unit].Codes, structure.Components[mult].Codes);
        kind = [.. times.Select(t => Kind(t.Id))];
        (isRecent, isNewest) = (new bool[times.Count], new bool[times.Count]);
        // a release names some entries of a register, and the others do not end with it
        if (before is null || structure.Find(Concepts.Mentions) is not null)
            return;
        var old = before.Components[before.TimeIndex].Codes.Select(c => c.Id).ToHashSet(StringComparer.Ordinal);
        var codes = cube.Components[cube.TimeIndex].Codes;
        foreach (var group in Enumerable.Range(0, times.Count).GroupBy(t => kind[t]))
        {
            var newest = group.LastOrDefault(t => codes.Find(times[t].Id) >= 0, -1);
            // A release that adds no period corrects some: what it lacks is not missing.
            if (newest < 0 || group.Key == ' ' || old.Contains(times[newest].Id))
                continue;
            var last = group.Where(t => t < newest && old.Contains(times[t].Id)).TakeLast(Recent).ToList();
            if (last.Count == 0)
                continue;
            isNewest[newest] = true;
            last.ForEach(t => isRecent[t] = true);
            recent[group.Key] = last.Count;
        }
    }

    /// <summary>What has been found, and what of it holds the release. Complete after <see cref="Complete"/>.</summary>
    public Findings Findings { get; } = new();

    /// <summary>Whether a row of the release has to be taken when nothing old is left: it belongs to the last series, or totals are compared.</summary>
    public bool Wants(LakeRows rows, int row) => totals is not null || IsSameSeries(rows, row);

    private bool IsSameSeries(LakeRows rows, int row)
    {
        if (count == 0)
            return false;
        for (var c = 0; c < key.Length; c++)
            if (rows.Codes[c][row] != key[c])
                return false;
        return true;
    }

    /// <summary>Takes an observation of the version before, in positions of the merged codelists.</summary>
    /// <param name="rows">The rows it is among.</param>
    /// <param name="row">Which it is.</param>
    /// <param name="stays">Whether the next version has it too, as it is.</param>
    public void TakeOld(LakeRows rows, int row, bool stays)
    {
        totals?.TakeOld(rows, row, stays);
        ref var point = ref Point(rows, row);
        point.Old = Measure(rows, row);
        hasOld = true;
    }

    /// <summary>Takes an observation of the release, in positions of the merged codelists; one of the same key follows that of the version before.</summary>
    public void TakeNew(LakeRows rows, int row)
    {
        totals?.TakeNew(rows, row);
        if (before is null)
            return;
        ref var point = ref Point(rows, row);
        point.New = Measure(rows, row);
        point.Source = rows.Sources[row];
        hasNew = true;
    }

    /// <summary>Ends the last series and says what has changed as a whole.</summary>
    /// <param name="taken">Observations of the release.</param>
    /// <param name="added">Of these, new.</param>
    /// <param name="revised">Of these, with another value, status or unit than before.</param>
    /// <param name="restated">Of these, as before but for the decimals shown: no revision.</param>
    /// <param name="removed">Observations that go.</param>
    public void Complete(long taken, long added, long revised, long restated, long removed)
    {
        totals?.Tell(Findings, SayYes("total-differs"));
        if (before is null)
            return;
        EndSeries();
        TellTables();
        TellUnits();
        TellMissing();
        TellStructure(before);
        Findings.Add(new Finding(Severity.Information, "release-changes", $"What the release changes in {structure.Id}, version {version}.")
        {
            Found = string.Create(CultureInfo.InvariantCulture, $"{Counted.Of(added, "observation")} new, {revised:N0} revised, {(restated == 0 ? "" : $"{restated:N0} with other decimals alone, ")}{taken - added - revised - restated:N0} unchanged, {removed:N0} removed"),
        });
    }

    private ref SeriesPoint Point(LakeRows rows, int row)
    {
        if (!IsSameSeries(rows, row))
        {
            EndSeries();
            for (var c = 0; c < key.Length; c++)
                key[c] = rows.Codes[c][row];
        }
        var period = rows.Codes[time][row];
        if (count > 0 && points[count - 1].Time == period)
            return ref points[count - 1];
        if (count == MostPoints)
            EndPart();
        points[count] = new SeriesPoint { Time = period };
        return ref points[count++];
    }

    private Measured Measure(LakeRows rows, int row) => new(rows.Values[row], rows.Decimals[row], rows.Codes[unit][row], rows.Codes[mult][row]);

    private void EndSeries()
    {
        if (hasOld && count > 0)
        {
            if (recent.TryGetValue(kind[points[0].Time], out var least))
                CheckPresence(least);
            if (hasNew)
                Judge();
        }
        (count, hasNew, hasOld) = (0, false, false);
    }

    private void EndPart()
    {
        if (hasOld && hasNew)
            Judge();
        else
            verdicts.AsSpan(0, count).Clear();
        var kept = points.AsSpan(count - SeriesScale.Looked, SeriesScale.Looked);
        foreach (ref var point in kept)
        {
            // What has been judged is history now; what was off is none.
            point.Old ??= verdicts[count - SeriesScale.Looked].Factor == 0 ? point.New : null;
            point.New = null;
        }
        kept.CopyTo(points);
        count = kept.Length;
    }

    // Two texts that state the same figure differently: a correction, or one of them was misread or misprinted.
    private void TellContradictions()
    {
        for (var i = 0; i < count; i++)
        {
            if (points[i] is not { Old: { Value: { } then } old, New: { Value: { } now } } || (then == now && old.Unit == points[i].New!.Value.Unit && old.Mult == points[i].New!.Value.Mult))
                continue;
            Findings.Add(new Finding(Severity.Warning, "release-contradicts", $"The text states another figure than the one that is published: {Series()} at {Period(i)}.")
            {
                Where = Where(i),
                Found = Shown(points[i].New!.Value),
                Expected = $"{Shown(old)}, as in version {version}",
                Advice = "If it is a correction, nothing: the new figure is published, and the old one stays in its version. If not, correct the text and upload it again.",
            });
        }
    }

    private void Judge()
    {
        if (isExtracted)
            TellContradictions();
        scale.Judge(points.AsSpan(0, count), verdicts);
        for (var i = 0; i < count; i++)
        {
            ref var verdict = ref verdicts[i];
            if (!points[i].IsChanged || (!verdict.IsComparable && !verdict.UnitChanged && verdict.Factor == 0))
                continue;
            var now = points[i].New!.Value;
            if (verdict.UnitChanged)
                Take(i, verdict);
            if (verdict.IsUnmoved)
                continue;
            // Of the unit as a whole, and of the one indicator in it: a table may have one of many indicators, or one series of each.
            var isRevision = points[i].Old is not null;
            Find((AnyIndicator, now.Unit, now.Mult, isRevision)).Compare(verdict, this, i);
            var table = Find((indicator < 0 ? AnyIndicator + 1 : key[indicator], now.Unit, now.Mult, isRevision));
            table.Compare(verdict, this, i);
            if (verdict.Factor != 0)
            {
                table.OffCount[verdict.Factor + SeriesScale.MostFactor]++;
                if (table.Off.Count < Findings.KeptPerCode)
                    table.Off.Add((verdict.Factor, OutOfScale(i, verdict, verdict.Factor)));
            }
        }
    }

    private Table Find((int Indicator, int Unit, int Mult, bool IsRevision) of)
    {
        if (tables.TryGetValue(of, out var table))
            return table;
        if (tables.Count == MostGroups)
            return rest;
        tables.Add(of, table = new Table());
        return table;
    }

    private void Take(int i, in ScaleVerdict verdict)
    {
        var now = points[i].New!.Value;
        var then = (verdict.ReferenceIsNew ? points[verdict.Reference].New : points[verdict.Reference].Old)!.Value;
        var pair = (then.Unit, then.Mult, now.Unit, now.Mult);
        if (!unitChanges.TryGetValue(pair, out var change))
        {
            if (unitChanges.Count == MostGroups)
                return;
            unitChanges[pair] = change = new UnitChange();
        }
        change.Observations++;
        if (!verdict.IsUnmoved)
        {
            change.Example ??= (Where(i), $"{Shown(now)} at {Period(i)}, {Shown(then)} at {Period(verdict.Reference)}, in {Series()}");
        }
        else
        {
            if (change.Unmoved++ == 0)
                change.Example = (Where(i), $"{Shown(now)} at {Period(i)}, {Shown(then)} at {Period(verdict.Reference)}, in {Series()}");
        }
    }

    private Finding OutOfScale(int i, in ScaleVerdict verdict, int factor)
    {
        var now = points[i].New!.Value;
        var then = (verdict.ReferenceIsNew ? points[verdict.Reference].New : points[verdict.Reference].Old)!.Value;
        return new Finding(Severity.Warning, "value-out-of-scale", $"The value is about {Times(factor)} what its series lets expect: {Series()} at {Period(i)}.")
        {
            Where = Where(i),
            Found = Shown(now),
            Expected = $"{Rounded(verdict.Centre - verdict.Tolerance)} to {Rounded(verdict.Centre + verdict.Tolerance)}, after {Shown(then)} at {Period(verdict.Reference)} in version {version}",
            Advice = "If the figure is in another unit than the release says, or a decimal point is lost, correct it and upload the file again. " + SayYes("value-out-of-scale"),
        };
    }

    private static string SayYes(string code) => $"If it is right, say so: POST /v1/releases/{{release}}/approve, or upload the file again with accept={code}.";

    private void TellTables()
    {
        foreach (var (of, table) in tables.Where(t => t.Key.Indicator != AnyIndicator))
        {
            var unit = tables.GetValueOrDefault(of with { Indicator = AnyIndicator }, rest);
            var whole = unit.Whole;
            if (whole < 0 && (whole = table.Whole) >= 0)
                TellTable(of, table, whole);
            TellSingle(table, whole);
        }
        foreach (var (of, table) in tables.Where(t => t.Key.Indicator == AnyIndicator && t.Value.Whole >= 0))
            TellTable(of, table, table.Whole);
        TellSingle(rest, -1);
        if (Findings.Counts.ContainsKey("value-out-of-scale"))
            Findings.Hold("value-out-of-scale");
    }

    private void TellTable((int Indicator, int Unit, int Mult, bool IsRevision) of, Table table, int whole)
    {
        var example = table.FirstNear[whole]!;
        var what = of.Indicator < 0 ? "" : Label(structure.Components[indicator].Codes[of.Indicator]) + ", ";
        Findings.Add(new Finding(Severity.Warning, "value-out-of-scale", string.Create(CultureInfo.InvariantCulture,
            $"{table.Near[whole]:N0} of {table.Compared:N0} {(of.IsRevision ? "revised" : "new")} values ({what}{Unit(of.Unit, of.Mult)}) are about {Times(whole - SeriesScale.MostFactor)} what their series let expect."))
        {
            Where = example.Where,
            Found = example.Found + ", the first",
            Expected = example.Expected,
            Advice = "If the unit is another one than the release says, correct it and upload the file again. " + SayYes("value-out-of-scale"),
        });
    }

    /// <summary>Tells the values that are off by themselves, and not by the factor that the whole table is off by.</summary>
    private void TellSingle(Table table, int whole)
    {
        var more = table.OffCount.Where((_, factor) => factor != whole).Sum();
        foreach (var (_, finding) in table.Off.Where(off => off.Factor + SeriesScale.MostFactor != whole))
        {
            Findings.Add(finding);
            more--;
        }
        while (more-- > 0)
            Findings.Count("value-out-of-scale", Severity.Warning);
    }

    private void TellUnits()
    {
        foreach (var (pair, change) in unitChanges)
        {
            var stays = change.Unmoved > 0;
            Findings.Add(new Finding(
                stays || (pair.Unit != pair.UnitNow && !IsUnspecified(pair.Unit)) ? Severity.Warning : Severity.Information,
                "unit-changed",
                string.Create(CultureInfo.InvariantCulture, $"{Counted.Of(change.Observations, "value is", "values are")} in {Unit(pair.UnitNow, pair.MultNow)}, after {Unit(pair.Unit, pair.Mult)}")
                    + (stays ? string.Create(CultureInfo.InvariantCulture, $"; {Counted.Of(change.Unmoved, "figure goes", "figures go")} on as if nothing had changed.") : "."))
            {
                Where = change.Example!.Value.Where,
                Found = change.Example.Value.Found,
                Expected = stays ? $"figures that change with their unit, or the unit {Unit(pair.Unit, pair.Mult)}" : null,
                Advice = stays ? "Correct the unit and upload the file again. " + SayYes("unit-changed") : null,
            });
            if (stays)
                Findings.Hold("unit-changed");
        }
    }

    private void CheckPresence(int least)
    {
        var (there, isThere) = (0, false);
        for (var i = 0; i < count; i++)
        {
            if (isRecent[points[i].Time] && points[i].Old is { Value: not null })
                there++;
            isThere |= isNewest[points[i].Time] && points[i].New is not null;
        }
        if (there < least)
            return;
        if (isThere)
        {
            present++;
        }
        else if (absent++ < Findings.KeptPerCode)
        {
            missing.Add(new Finding(Severity.Warning, "series-missing", $"A series ends: {Series()}.")
            {
                Found = $"nothing at {string.Join(", ", structure.Components[time].Codes.Where((_, t) => isNewest[t] && kind[t] == kind[points[0].Time]).Select(c => c.Id))}",
                Expected = $"a value, or why there is none, as at {string.Join(", ", structure.Components[time].Codes.Where((_, t) => isRecent[t] && kind[t] == kind[points[0].Time]).Select(c => c.Id))}",
                Advice = "Check whether a row was left out or renamed; a series that has ended needs nothing.",
            });
        }
    }

    private void TellMissing()
    {
        if (absent == 0)
            return;
        // A release of one region, or of some rows, leaves most series out, and means to.
        if (absent > present)
        {
            Findings.Add(new Finding(Severity.Information, "series-missing", "The release is about a part of the dataset only.")
            {
                Found = string.Create(CultureInfo.InvariantCulture, $"the newest period of {present:N0} series"),
                Expected = string.Create(CultureInfo.InvariantCulture, $"{present + absent:N0}, if it is meant to be whole"),
            });
            return;
        }
        missing.ForEach(Findings.Add);
        for (var more = absent - missing.Count; more > 0; more--)
            Findings.Count("series-missing", Severity.Warning);
    }

    private void TellStructure(DatasetStructure before)
    {
        foreach (var component in structure.Components.Where(c => c.Role != ComponentRole.Time))
        {
            var (then, now) = (before.Find(component.Id), cube.IndexOf(component.Id) is >= 0 and var c ? cube.Components[c] : null);
            if (component.Role == ComponentRole.Attribute && (then is null || now is null))
            {
                Findings.Add(new Finding(Severity.Information, "attribute-changed", $"The attribute {component.Id} of {structure.Id} is {(then is null ? "new" : "not in the release")}."));
                continue;
            }
            if (component.Role != ComponentRole.Dimension || then is null || now is null)
                continue;
            var codes = Enumerable.Range(0, now.Codes.Count).Select(i => now.Codes[i]).ToList();
            var known = then.Codes.ToDictionary(code => code.Id, StringComparer.Ordinal);
            var added = codes.Where(code => !known.ContainsKey(code.Id)).ToList();
            var gone = then.Codes.Where(code => now.Codes.Find(code.Id) < 0).ToList();
            var renamed = codes.Where(code => known.TryGetValue(code.Id, out var old) && Renamed(old, code) is not null).ToList();
            if (added.Count > 0)
                Tell("codes-added", $"{component.Id} of {structure.Id} has {Counted.Of(added.Count, "new code")}.", added.Select(Label), added.Count);
            // As with series: a release of a part of the dataset leaves codes out and means to.
            if (gone.Count > 0 && gone.Count <= then.Codes.Count - gone.Count)
                Tell("codes-missing", $"{Counted.Of(gone.Count, "code")} of {component.Id} in {structure.Id} {(gone.Count == 1 ? "is" : "are")} not in the release.", gone.Select(Label), gone.Count);
            if (renamed.Count > 0)
            {
                Tell("codes-renamed", $"{Counted.Of(renamed.Count, "code")} of {component.Id} in {structure.Id} {(renamed.Count == 1 ? "has" : "have")} another label.",
                    renamed.Select(code => Renamed(known[code.Id], code)!), renamed.Count);
            }
        }
    }

    private void Tell(string code, string message, IEnumerable<string> names, int of) =>
        Findings.Add(new Finding(Severity.Information, code, message) { Found = string.Join("; ", names.Take(Named)) + (of > Named ? "; …" : "") });

    private static string? Renamed(Code before, Code now)
    {
        foreach (var (language, label) in now.Labels)
            if (before.Labels.TryGetValue(language, out var old) && !string.Equals(old.Trim(), label.Trim(), StringComparison.OrdinalIgnoreCase))
                return $"{now.Id}: '{label}' was '{old}'";
        return null;
    }

    private string Series() => string.Join(", ", Enumerable.Range(0, key.Length).Select(c => $"{structure.Components[c].Id}={structure.Components[c].Codes[key[c]].Id}"));

    private string Period(int i) => structure.Components[time].Codes[points[i].Time].Id is { Length: > 0 } period ? period : "no period";

    private string? Where(int i) => points[i].Source.Length == 0 ? null : points[i].Source.ToString();

    private string Shown(Measured measured) =>
        (measured.Value?.ToString(CultureInfo.InvariantCulture) ?? "no value") + " " + Unit(measured.Unit, measured.Mult);

    private bool IsUnspecified(int of) => structure.Components[unit].Codes[of].Id == Concepts.Unspecified;

    private string Unit(int of, int by)
    {
        var (measure, multiplier) = (structure.Components[unit].Codes[of], structure.Components[mult].Codes[by]);
        var name = IsUnspecified(of) ? "no stated unit" : Label(measure);
        return multiplier.Id == "0" ? name : $"10^{multiplier.Id} × {name}";
    }

    private static string Label(Code code) => (code.Labels.GetValueOrDefault("en") ?? code.Labels.Values.FirstOrDefault()) is { } label && label != code.Id ? $"{label} ({code.Id})" : code.Id;

    private static string Times(int factor) =>
        factor < 0 ? FormattableString.Invariant($"a {Math.Pow(10, -factor):N0}th of") : FormattableString.Invariant($"{Math.Pow(10, factor):N0} times");

    // Three digits are all that an estimate is worth.
    private static string Rounded(double log) => double.IsFinite(log) && Math.Abs(log) < 28
        ? Math.Pow(10, log).ToString("G3", CultureInfo.InvariantCulture) is var text && text.Contains('E', StringComparison.Ordinal)
            ? decimal.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture) : text
        : "?";

    private static char Kind(string period) => period.Contains('/', StringComparison.Ordinal) ? '/' : period.Length switch
    {
        4 => 'A',
        >= 7 => char.IsAsciiLetter(period[5]) ? period[5] : period.Length == 7 ? 'M' : 'D',
        _ => ' ',
    };

    private sealed class Table
    {
        /// <summary>The factor, by its place in <see cref="Near"/>, that the table as a whole is off by; -1 when it is not.</summary>
        public int Whole => Array.FindIndex(Near, near => near >= Math.Max(LeastOfTable, ShareOfTable * Compared));

        public void Compare(in ScaleVerdict verdict, ReleaseComparison comparison, int i)
        {
            Compared++;
            if (verdict.Nearest == 0)
                return;
            Near[verdict.Nearest + SeriesScale.MostFactor]++;
            FirstNear[verdict.Nearest + SeriesScale.MostFactor] ??= comparison.OutOfScale(i, verdict, verdict.Nearest);
        }

        public long Compared { get; set; }

        public long[] Near { get; } = new long[(2 * SeriesScale.MostFactor) + 1];

        public Finding?[] FirstNear { get; } = new Finding?[(2 * SeriesScale.MostFactor) + 1];

        public long[] OffCount { get; } = new long[(2 * SeriesScale.MostFactor) + 1];

        public List<(int Factor, Finding Finding)> Off { get; } = [];
    }

    private sealed class UnitChange
    {
        public long Observations { get; set; }

        public long Unmoved { get; set; }

        public (string? Where, string Found)? Example { get; set; }
    }
}
