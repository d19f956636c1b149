using System.Globalization;
using System.Runtime.InteropServices;
using Pipeline.Understanding;

namespace Pipeline.Publishing;

/// <summary>
/// The figures of a text beside those that tables have published in the same dataset: the same figure is linked to its cell, another figure for the same
/// thing is told. Text and table have other dimensions and codes, so area, period, unit and the words of their names are compared.
/// </summary>
internal sealed class TableLinks
{
    /// <summary>The attribute with the cell that has published the same figure: <c>{release}!{SOURCE}</c>.</summary>
    public const string SameAs = "SAME_AS";

    /// <summary>The most cells of tables that are looked at; where more could be meant, none is.</summary>
    public const int MostCells = 100_000;

    // A name and the same with as many words again (原煤产量, 规模以上工业原煤产量: 0.67) agree; names that share their measure only (原煤产量, 焦炭产量: 0.5) do not.
    private const double LeastAgreement = 0.65;

    // 约1500 is right for 1466, not for 1300.
    private const double About = 0.1;

    // A cell without REF_AREA, and one of an area that the text does not speak of.
    private const int AnyArea = -1;
    private const int OtherArea = -2;

    private readonly Cube cube;
    private readonly DatasetStructure structure;
    private readonly List<Figure> figures = [];
    private readonly Dictionary<(string Period, int Area), Dictionary<(string Transformation, string Unit, string Products), List<Cell>>> cells = [];
    private readonly int extracted;
    private readonly int area;
    private readonly int unit;
    private readonly int mult;
    private readonly int title;
    private readonly int[] dimensions;
    private readonly string?[] periods;
    private readonly int[] areas;
    private readonly bool[] isUnit;
    private readonly Dictionary<(int Component, int Code), StatedName> names = [];
    private int[] lastKey = [];
    private (StatedName Labels, StatedName Title, string Products) lastNames;
    private int count;

    private TableLinks(Cube cube, DatasetStructure structure)
    {
        (this.cube, this.structure) = (cube, structure);
        var ids = structure.Components.Select(c => c.Id).ToList();
        (extracted, area, unit, mult, title) = (ids.IndexOf(CubeOfProse.Extracted), ids.IndexOf(Concepts.RefArea), ids.IndexOf(Concepts.UnitMeasure), ids.IndexOf(Concepts.UnitMult), ids.IndexOf(CrossTable.TitleId));
        dimensions = [.. Enumerable.Range(0, structure.TimeIndex).Where(d => ids[d] is not (Concepts.Freq or Concepts.RefArea or CubeBuilder.TableId or Stub.LineId))];
        ReadFigures();
        var unitsOfFigures = figures.Select(f => f.Unit).ToHashSet(StringComparer.Ordinal);
        var areasOfFigures = figures.Select(f => f.Area).Distinct().ToList();
        var periodsOfFigures = figures.Select(f => f.Period).ToHashSet(StringComparer.Ordinal);
        periods = [.. structure.Components[structure.TimeIndex].Codes.Select(c => Months(c.Id)).Select(p => periodsOfFigures.Contains(p) ? p : null)];
        areas = area < 0 ? [] : [.. structure.Components[area].Codes.Select(c => c.Id is Concepts.NotApplicable or Concepts.Unspecified ? AnyArea
            : areasOfFigures.FindIndex(a => IsSame(AreaOf(a), c)) is >= 0 and var at ? areasOfFigures[at] : OtherArea)];
        isUnit = [.. structure.Components[unit].Codes.Select(c => unitsOfFigures.Contains(c.Id))];
        Columns = new HashSet<int>([.. dimensions, structure.TimeIndex, unit, mult, .. new[] { extracted, area, title }.Where(c => c >= 0)]);
    }

    /// <summary>Prepares the comparison of a release; null where there is nothing to compare: it is no prose, or no table has published a period that it names.</summary>
    /// <param name="cube">The release's cube.</param>
    /// <param name="structure">The structure of the version before.</param>
    public static TableLinks? Of(Cube cube, DatasetStructure structure)
    {
        if (!new[] { CubeOfProse.Extracted, CubeOfProse.Kind, CubeOfProse.BoundOf, Concepts.RefArea, Concepts.Transformation }.All(id => cube.IndexOf(id) >= 0))
            return null;
        // a table has no KIND: in a dataset that has one it does not apply to the table's observations
        if (structure.Find(CubeOfProse.Extracted) is not null && structure.Find(CubeOfProse.Kind)?.Codes.Any(c => c.Id == Concepts.NotApplicable) == false)
            return null;
        var links = new TableLinks(cube, structure);
        return links.periods.Any(p => p is not null) && links.isUnit.Any(u => u) ? links : null;
    }

    /// <summary>The components of the version before that have to be read.</summary>
    public IReadOnlySet<int> Columns { get; }

    /// <summary>Takes observations of the version before; false when there are too many to go on.</summary>
    public bool Take(LakeRows rows)
    {
        for (var row = 0; row < rows.Count; row++)
        {
            var unitCode = rows.Codes[unit][row];
            if (rows.Values[row] is not { } value || !isUnit[unitCode] || (extracted >= 0 && rows.Codes[extracted][row] >= 0))
                continue;
            var where = area < 0 || rows.Codes[area][row] < 0 ? AnyArea : areas[rows.Codes[area][row]];
            var time = rows.Codes[structure.TimeIndex][row];
            if (time < 0 || periods[time] is not { } period || !cells.TryGetValue((period, where), out var there))
                continue;
            if (++count > MostCells)
                return false;
            var (labels, titles, products) = NamesOf(rows, row);
            var unitOf = structure.Components[unit].Codes[unitCode];
            var transformation = StatedName.TransformationOf(labels, titles, unitOf.Id == Units.Percent.Id);
            ref var alike = ref CollectionsMarshal.GetValueRefOrAddDefault(there, (transformation, unitOf.Id, products), out _);
            (alike ??= []).Add(new Cell(
                labels, titles, new Measure(value, rows.Decimals[row], int.Parse(structure.Components[mult].Codes[rows.Codes[mult][row]].Id, CultureInfo.InvariantCulture)), unitOf,
                $"{rows.Releases[row]}!{rows.Sources[row]}"));
        }
        return true;
    }

    /// <summary>The cube with the links that were found; null when there are none.</summary>
    /// <param name="findings">Told of contradictions.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public Cube? Link(Findings findings, CancellationToken cancellationToken)
    {
        if (count > MostCells)
        {
            findings.Add(new Finding(Severity.Information, "table-links-skipped", "The dataset has too many figures of the text's periods and areas to compare the text with its tables.")
            {
                Expected = string.Create(CultureInfo.InvariantCulture, $"at most {MostCells:N0} observations of the same periods, areas and units"),
                Advice = "Nothing; to have the figures linked to the table's, publish text and table in a dataset of their own.",
            });
            return null;
        }
        var links = new Dictionary<long, string>();
        var isOfOneArea = figures.Select(f => f.Area).Distinct().Count() == 1;
        foreach (var figure in figures)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Best(figure) is not { } cell)
                continue;
            if (figure.Measure.IsSame(cell.Measure))
                links[figure.Row] = cell.Address;
            else if (figure.IsBroken(cell.Measure) && !cell.Labels.IsVague && figure.Name.IsSameThing(cell.Labels, cell.Title) && (isOfOneArea || cell.IsOfArea))
                findings.Add(Contradiction(figure, cell));
        }
        return links.Count == 0 ? null : Linked(links);
    }

    private static Finding Contradiction(Figure figure, Cell cell) =>
        new(Severity.Warning, "table-contradicts", "The text states another figure than a table has published for the same area, period and name.")
        {
            Where = figure.Source.ToString(),
            Found = $"{figure.Shown}: {figure.Text}",
            Expected = $"{Shown(cell.Measure, cell.Unit)}, as in {cell.Address}",
            Advice = "If one of them is a misprint, correct it and upload it again. If they are two statistics or one is a revision, nothing: both are published.",
        };

    /// <summary>The cell whose name agrees best; null when none does, or cells of other values agree as well.</summary>
    private Cell? Best(Figure figure)
    {
        // a table of the area goes before one that names none
        foreach (var key in new[] { (figure.Period, figure.Area), (figure.Period, AnyArea) })
        {
            var (best, agreement, isAmbiguous) = (default(Cell), LeastAgreement, false);
            foreach (var cell in Alike(figure, key))
            {
                if (!IsAbout(cell, figure) || figure.Name.Agreement(cell.Labels, cell.Title) is var agrees && agrees < agreement)
                    continue;
                if (best is null || agrees > agreement)
                    (best, agreement, isAmbiguous) = (cell, agrees, false);
                else if (!best.Measure.IsSame(cell.Measure))
                    isAmbiguous = true;
                else if (cell.Measure.Rounding < best.Measure.Rounding)
                    best = cell;
            }
            if (best is not null)
                return isAmbiguous ? null : best with { IsOfArea = key.Item2 != AnyArea || best.Names(AreaOf(figure.Area)) };
        }
        return null;
    }

    // the cells that could be the same: of the same product, or of one that only the table's title names
    private IEnumerable<Cell> Alike(Figure figure, (string Period, int Area) key)
    {
        if (!cells.TryGetValue(key, out var there))
            return [];
        var (same, unnamed) = (there.GetValueOrDefault((figure.Transformation, figure.Unit, figure.Products)), there.GetValueOrDefault((figure.Transformation, figure.Unit, "")));
        return figure.Products.Length == 0 || unnamed is null ? same ?? [] : same is null ? unnamed : same.Concat(unnamed);
    }

    /// <summary>Whether the words of a table without REF_AREA name no other area.</summary>
    private bool IsAbout(Cell cell, Figure figure) => cell.Areas.Count == 0 || cell.Names(AreaOf(figure.Area));

    /// <summary>The same observations with one more attribute.</summary>
    private Cube Linked(Dictionary<long, string> links)
    {
        var attribute = new Component(SameAs, ComponentRole.Attribute) { Labels = new Dictionary<string, string> { ["zh"] = "表格中的同一数据", ["en"] = "The same figure in a table" } };
        var linked = new Cube([.. cube.Components, attribute], cube.Sheets) { Title = cube.Title, Language = cube.Language, Suffix = cube.Suffix };
        var codes = new int[linked.Components.Count];
        var at = 0L;
        foreach (var batch in cube.Observations.Read())
        {
            for (var row = 0; row < batch.Count; row++)
            {
                for (var c = 0; c < batch.Codes.Length; c++)
                    codes[c] = batch.Codes[c][row];
                codes[^1] = links.TryGetValue(at++, out var address) ? attribute.Codes.Add(address) : -1;
                linked.Observations.Add(codes, batch.Value(row), batch.Source(row));
            }
        }
        return linked;
    }

    private void ReadFigures()
    {
        int At(string id) => cube.IndexOf(id);
        var (kind, bound, areaAt, transformation, relativeTo, text) = (At(CubeOfProse.Kind), At(CubeOfProse.BoundOf), At(Concepts.RefArea), At(Concepts.Transformation), At(CubeOfProse.RelativeTo), At(CubeOfProse.ObsText));
        var (unitAt, multAt) = (At(Concepts.UnitMeasure), At(Concepts.UnitMult));
        int[] named = [.. new[] { CubeOfProse.Population, Concepts.Activity, CubeOfProse.Product, Concepts.Indicator, CubeOfProse.Adjustment }.Select(At).Where(c => c >= 0)];
        var ofCodes = new Dictionary<(int, int), StatedName>();
        var at = 0L;
        foreach (var batch in cube.Observations.Read())
        {
            for (var row = 0; row < batch.Count; row++, at++)
            {
                Code Of(int component) => cube.Components[component].Codes[batch.Codes[component][row]];
                // a share, a contribution or a difference from something else is no column of a table that could be told by its name
                if (Of(kind).Id != "OUTTURN" || Of(transformation).Id is not ("N" or "G1Y" or "G1" or "G1E") || Of(relativeTo).Id != Concepts.NotApplicable || batch.Value(row) is not { } value)
                    continue;
                var name = new StatedName();
                foreach (var c in named)
                {
                    ref var part = ref CollectionsMarshal.GetValueRefOrAddDefault(ofCodes, (c, batch.Codes[c][row]), out _);
                    name.Add(part ??= StatedName.Of(cube.Components[c].Id, Of(c)));
                }
                var measure = new Measure(value, value.Scale, int.Parse(Of(multAt).Id, CultureInfo.InvariantCulture));
                var figure = new Figure(at, Months(Of(cube.TimeIndex).Id), batch.Codes[areaAt][row], name, Of(transformation).Id, measure, Of(unitAt).Id, name.Products, Of(bound).Id, batch.Source(row), Of(text).Id, Shown(measure, Of(unitAt)));
                figures.Add(figure);
                cells.TryAdd((figure.Period, figure.Area), []);
                cells.TryAdd((figure.Period, AnyArea), []);
            }
        }
    }

    private Code AreaOf(int number) => cube.Components[cube.IndexOf(Concepts.RefArea)].Codes[number];

    private static bool IsSame(Code one, Code other) => one.Id == other.Id || one.Labels.Values.Any(label => other.Labels.Values.Contains(label, StringComparer.OrdinalIgnoreCase));

    private (StatedName Labels, StatedName Title, string Products) NamesOf(LakeRows rows, int row)
    {
        // cells of a series follow each other
        int[] key = [.. dimensions.Select(d => rows.Codes[d][row]), title < 0 ? -1 : rows.Codes[title][row]];
        if (key.AsSpan().SequenceEqual(lastKey))
            return lastNames;
        StatedName Of(int component, int code)
        {
            ref var name = ref CollectionsMarshal.GetValueRefOrAddDefault(names, (component, code), out _);
            return name ??= code < 0 ? new StatedName() : StatedName.Of(structure.Components[component].Id, structure.Components[component].Codes[code]);
        }
        var labels = new StatedName();
        for (var d = 0; d < dimensions.Length; d++)
            labels.Add(Of(dimensions[d], key[d]));
        (lastKey, lastNames) = (key, (labels, Of(title, key[^1]), labels.Products));
        return lastNames;
    }

    /// <summary>A period by its first and last month, so that 2023-Q1 is 2023-01/2023-03 and 2023 is 2023-01/2023-12; days and weeks as they are.</summary>
    private static string Months(string period)
    {
        if (period.IndexOf('/') is > 0 and var cut)
        {
            var (first, last) = (Months(period[..cut]), Months(period[(cut + 1)..]));
            (first, last) = (first[..(first.IndexOf('/') is > 0 and var end ? end : first.Length)], last[(last.IndexOf('/') + 1)..]);
            return first == last ? first : first + "/" + last;
        }
        if (period.Length == 4)
            return $"{period}-01/{period}-12";
        if (period.Length != 7 || period[5] is not ('Q' or 'S'))
            return period;
        var months = period[5] == 'Q' ? 3 : 6;
        var to = (period[6] - '0') * months;
        return string.Create(CultureInfo.InvariantCulture, $"{period[..4]}-{to - months + 1:D2}/{period[..4]}-{to:D2}");
    }

    private static string Shown(Measure measure, Code unit)
    {
        var name = unit.Labels.GetValueOrDefault("en") is { } label && label != unit.Id ? $"{label} ({unit.Id})" : unit.Id;
        return Math.Round(measure.Value, measure.Decimals).ToString(CultureInfo.InvariantCulture) + (measure.Multiplier == 0 ? " " : $" 10^{measure.Multiplier} × ") + name;
    }

    /// <summary>A value, the decimals that it shows, and the power of ten it is to be multiplied with.</summary>
    private readonly record struct Measure(decimal Value, int Decimals, int Multiplier)
    {
        /// <summary>The value in the unit itself.</summary>
        public double Whole => (double)Value * Math.Pow(10, Multiplier);

        /// <summary>Half a step of its last decimal.</summary>
        public double Rounding => 0.5 * Math.Pow(10, Multiplier - Decimals);

        /// <summary>Whether the finer one, rounded as the coarser one is, is the coarser one; a double's last digits do not count.</summary>
        public bool IsSame(Measure other) => Math.Abs(Whole - other.Whole) <= Math.Max(Rounding, other.Rounding) * (1 + 1e-6);
    }

    /// <summary>A figure of the text that can be compared.</summary>
    private sealed record Figure(
        long Row, string Period, int Area, StatedName Name, string Transformation, Measure Measure, string Unit, string Products, string Bound, Source Source, string Text, string Shown)
    {
        /// <summary>Whether another value can not be what the text says.</summary>
        public bool IsBroken(Measure other) => Bound switch
        {
            "LOWER" => other.Whole < Measure.Whole,
            "UPPER" => other.Whole > Measure.Whole,
            "ABOUT" => Math.Abs(other.Whole - Measure.Whole) > About * Math.Abs(Measure.Whole),
            _ => true,
        };
    }

    /// <summary>A figure that a table has published.</summary>
    private sealed record Cell(StatedName Labels, StatedName Title, Measure Measure, Code Unit, string Address)
    {
        /// <summary>Whether the table says that it is about the figure's area.</summary>
        public bool IsOfArea { get; init; }

        /// <summary>The areas that its words name.</summary>
        public IReadOnlyCollection<string> Areas => Title.Areas.Count > 0 ? Title.Areas : Labels.Areas;

        /// <summary>Whether its words name an area.</summary>
        public bool Names(Code area) => Areas.Contains(area.Id);
    }
}
