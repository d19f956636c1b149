using System.Globalization;
using Pipeline.Reading;

namespace Pipeline.Understanding;

/// <summary>
/// Turns a PX file (PC-Axis file format, AXIS-VERSION to 2013) into a cube. Stricter than PxWeb where a cell could get the wrong place or meaning,
/// and more patient where only a keyword is missing that says nothing about the cells.
/// </summary>
internal static class PxInterpreter
{
    /// <summary>The most cells that a file with KEYS is filled up to with the zeros that it leaves out.</summary>
    public const long MostFilled = 20_000_000;

    /// <inheritdoc cref="Interpreter.Interpret"/>
    public static Interpretation Interpret(ReadRelease release, ReleaseContext context, CancellationToken cancellationToken)
    {
        var document = release.Px!;
        var findings = new Findings();
        var table = new PxTable(document, context.Language, findings);
        var survey = Survey(table, document, cancellationToken);
        var cube = new DeclaredCube(table.Dimensions, table.Unit, table.Decimals, survey.Symbols || table.Flags.Count > 0, table.Notes.Count > 0, table.CellAttributes,
            table.Language, null, table.Where, findings);
        var result = new Interpretation { Cubes = [cube.Cube] };
        result.Findings.Add(findings);
        try
        {
            cube.Cube.Title = context.Title is { } title ? new Dictionary<string, string> { [Labels.Language(title, context.Language)] = title } : table.Title;
            new PxCells(table, document, cube, result, survey.Omitted).Run(cancellationToken);
        }
        catch
        {
            result.Dispose();
            throw;
        }
        result.Readings.Add(string.Create(CultureInfo.InvariantCulture,
            $"PX file{(table.Language is null ? "" : " in " + table.Language)}: {string.Join(" × ", table.Dimensions.Select(d => $"{d.Values.Count:N0} {d.Labels.Values.First()}"))}"
            + $"{(table.Keys is null ? "" : ", data by keys")}, {Counted.Of(result.Reconciliation.Observations, "observation")}."));
        return result;
    }

    /// <summary>Goes over the cells once: whether there are as many as there have to be, each readable, and whether any is a sign.</summary>
    private static (bool Symbols, long Omitted) Survey(PxTable table, PxDocument document, CancellationToken cancellationToken)
    {
        var data = document.Data();
        var row = table.Keys is null ? table.Cells : table.RowLength;
        var rows = new HashSet<long>();
        var symbols = false;
        long count = 0;
        var line = document.DataLine;
        while (data.Read())
        {
            line = data.Line;
            if (count % 65536 == 0)
                cancellationToken.ThrowIfCancellationRequested();
            if (table.Keys is not null && count % row == 0)
            {
                if (!rows.Add(table.ReadKeys(ref data)))
                    throw Wrong("px-key-repeated", "Two rows of data have the same keys.", data.Line, data.Text.ToString(), "each combination of keys once");
                if (!data.Read())
                    break;
            }
            if (table.Keys is null && count == table.Cells)
                throw Wrong("px-data-surplus", "There are more data cells than the variables have room for.", data.Line, data.Text.ToString(), $"{table.Cells:N0} cells, then a semicolon");
            if (data.IsUnterminated)
                throw Wrong("px-text-unterminated", "The text that begins here, of DATA, has no end.", data.Line, data.Text.ToString(), "a closing quotation mark");
            symbols |= table.Cell(ref data).Symbol is not null;
            count++;
        }
        if (table.Keys is null ? count < table.Cells : count % row != 0 || count / row != rows.Count)
        {
            throw Wrong("px-data-short", "The data end too early.", line, $"{count:N0} cells",
                table.Keys is null ? $"{table.Cells:N0} cells, the product of the numbers of values" : $"{row:N0} cells in each row");
        }
        return (symbols, table.Keys is null ? 0 : table.Cells - count);
    }

    /// <summary>A refusal with the line.</summary>
    internal static UnreadableReleaseException Wrong(string code, string message, int line, string? found, string expected) => Unreadable.Because(
        code, message, PxDocument.LineAt(line), found, expected, "Correct the file there, or export it again.");

    /// <summary>Puts the cells into the cube.</summary>
    private sealed class PxCells(PxTable table, PxDocument document, DeclaredCube cube, Interpretation result, long omitted)
    {
        private readonly int[] at = new int[table.Dimensions.Count];
        private readonly List<(int Component, int Code)> attributes = [];

        public void Run(CancellationToken cancellationToken)
        {
            var data = document.Data();
            var rows = new HashSet<long>();
            for (long cell = 0, left = 0; data.Read(); cell++, left--)
            {
                if (table.Keys is not null && left == 0)
                {
                    var number = table.ReadKeys(ref data);
                    rows.Add(number);
                    (cell, left) = (number * table.RowLength, table.RowLength);
                    data.Read();
                    table.Place(cell, at);
                }
                if (cell % 65536 == 0)
                    cancellationToken.ThrowIfCancellationRequested();
                Add(table.Cell(ref data), ref data);
                table.Next(at);
            }
            if (omitted > 0)
                Fill(rows, cancellationToken);
        }

        private void Add(PxCell cell, ref PxData data)
        {
            result.Reconciliation.CellsIn++;
            if (cell.IsTooLong)
            {
                var (line, source) = (data.Line, data.Source);
                result.Reconciliation.Aside("number-too-long", source.ToString);
                result.Findings.Add(new Finding(Severity.Warning, "number-too-long", "A number has more digits than can be held exactly, and is not published.")
                {
                    Where = PxDocument.LineAt(line),
                    Found = data.Text.ToString(),
                    Expected = $"at most {Numbers.MaxDigits} digits",
                    Advice = "Round it to the digits that are meant.",
                });
                return;
            }
            Add(cell.Value, cell.Symbol, cell.Status, data.Source);
        }

        private void Add(decimal? value, string? symbol, Code status, Source source)
        {
            if (table.Flags.Find(at) is { } flag)
                (symbol, status) = (symbol is null ? flag : symbol + flag, value is null ? status : DeclaredCube.StatusOf(flag, true));
            attributes.Clear();
            if (table.AttributesOf.Find(at) is { } own)
            {
                for (var i = 0; i < own.Length; i++)
                {
                    if (own[i].Length == 0)
                        continue;
                    if (table.AttributeIds[i] == Concepts.ObsStatus)
                        status = PxTable.StatusOf(own[i], value, status);
                    else
                        attributes.Add(cube.Attribute(table.AttributeIds[i], new Code(own[i])));
                }
            }
            else if (table.WholeStatus is { } whole)
            {
                status = PxTable.StatusOf(whole, value, status);
            }
            cube.Add(at, new DeclaredCell(value, status, symbol, table.Notes.Find(at, PxTable.Joined)), System.Runtime.InteropServices.CollectionsMarshal.AsSpan(attributes), source);
            result.Reconciliation.Observations++;
        }

        /// <summary>Rows that a file with KEYS leaves out hold nothing but zeros: so the specification has it.</summary>
        private void Fill(HashSet<long> rows, CancellationToken cancellationToken)
        {
            if (table.Cells > MostFilled)
            {
                result.Findings.Add(new Finding(Severity.Warning, "px-zeros-left-out", "The rows that the file leaves out, because they are zero, are left out here too.")
                {
                    Where = PxDocument.LineAt(document.DataLine),
                    Found = $"{omitted:N0} cells",
                    Expected = $"a table of at most {MostFilled:N0} cells",
                    Advice = "Split the table, or write all its rows, if the zeros are to be published.",
                });
                return;
            }
            result.Findings.Add(new Finding(Severity.Information, "px-zeros-filled", "The file gives its data by keys and leaves out rows of zeros; they are published as zeros.")
            {
                Where = PxDocument.LineAt(document.DataLine),
                Found = $"{omitted:N0} cells",
                Advice = "Nothing; this is how KEYS are defined.",
            });
            for (long row = 0; row * table.RowLength < table.Cells; row++)
            {
                if (rows.Contains(row))
                    continue;
                cancellationToken.ThrowIfCancellationRequested();
                table.Place(row * table.RowLength, at);
                for (long i = 0; i < table.RowLength; i++, table.Next(at))
                {
                    result.Reconciliation.CellsIn++;
                    Add(0m, null, Statuses.Normal, document.DataKeyword);
                }
            }
        }
    }
}
