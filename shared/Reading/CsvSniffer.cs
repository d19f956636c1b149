using System.Buffers;

namespace Pipeline.Reading;

/// <summary>Tells a delimited table from prose by its structure, and finds the delimiter.</summary>
internal static class CsvSniffer
{
    private const int Records = 1000;

    private static readonly SearchValues<char> OfNumbers = SearchValues.Create("0123456789.,+-%()/:eE \u00a0'");

    /// <summary>The dialect of a table; null when the text is no table.</summary>
    /// <param name="sample">The start of the decoded file.</param>
    /// <param name="whole">Whether the sample is the whole file, so that its last record is complete.</param>
    /// <param name="named">Whether the file is named as a table (.csv, .tsv): then one column is enough, and less evidence.</param>
    public static CsvDialect? Tell(string sample, bool whole, bool named)
    {
        if (Declared(sample) is { } declared)
            return new(declared, true);
        if (JointKeysTable.AreIn(sample))
            return new('\t', false);
        var candidates = new List<Shape>();
        foreach (var delimiter in "\t;|,")
        {
            var shape = Survey(sample, delimiter, whole);
            if (shape.Usual >= 2)
                candidates.Add(shape);
        }
        // Numbers with decimal commas look like two cells; any other delimiter explains such a text better.
        if (candidates.Exists(static shape => shape.Delimiter != ',' && shape.Share > 0.5))
            candidates.RemoveAll(static shape => shape.Delimiter == ',' && shape.BetweenDigits > 0.8);
        if (candidates.Count > 0)
        {
            var most = candidates.Max(static shape => shape.Share);
            var best = candidates.Where(shape => shape.Share >= most - 0.1).MaxBy(static shape => shape.Usual);
            if (best.IsTable(named))
                return new(best.Delimiter, false);
        }
        return named && !IsProse(sample) ? new(candidates.Count > 0 ? candidates.MaxBy(static shape => shape.Share).Delimiter : ',', false) : null;
    }

    // Excel's own declaration, which it also reads back.
    private static char? Declared(string sample) =>
        sample.Length >= 5 && sample.StartsWith("sep=", StringComparison.OrdinalIgnoreCase) && (sample.Length == 5 || sample[5] is '\r' or '\n')
            && sample[4] is > ' ' and < '\u007f' and not '"' or '\t'
            ? sample[4]
            : null;

    private static Shape Survey(string sample, char delimiter, bool whole)
    {
        var counts = new Dictionary<int, int>();
        int records = 0, wide = 0, delimiters = 0, betweenDigits = 0, cells = 0, numeric = 0, quotedCells = 0, sentences = 0, spaced = 0;
        int cell = 0, fields = 1, recordStart = 0;
        bool quoted = false, open = false;
        ReadOnlySpan<char> marks = [delimiter, '"', '\r', '\n'];
        for (var i = 0; i <= sample.Length && records < Records; i++)
        {
            var next = open ? sample.AsSpan(i).IndexOf('"') : sample.AsSpan(i).IndexOfAny(marks);
            i = next < 0 ? sample.Length : i + next;
            var end = i == sample.Length;
            if (end && !whole && records > 0)
                break;
            var c = end ? '\n' : sample[i];
            if (c == '"' && !end)
            {
                if (quoted)
                    open = !open;
                else if (i == cell || !sample.AsSpan(cell, i - cell).ContainsAnyExcept(' '))
                    quoted = open = true;
                continue;
            }
            if (open && !end)
                continue;
            if (c == delimiter || c is '\r' or '\n')
            {
                var text = sample.AsSpan(cell, i - cell);
                cells++;
                quotedCells += quoted ? 1 : 0;
                numeric += IsNumeric(text) ? 1 : 0;
                cell = i + 1;
                quoted = false;
                if (c == delimiter)
                {
                    fields++;
                    delimiters++;
                    spaced += i + 1 < sample.Length && sample[i + 1] == ' ' ? 1 : 0;
                    betweenDigits += i > 0 && i + 1 < sample.Length && char.IsAsciiDigit(sample[i - 1]) && char.IsAsciiDigit(sample[i + 1]) ? 1 : 0;
                    continue;
                }
                var record = sample.AsSpan(recordStart, i - recordStart).Trim();
                if (!record.IsEmpty)
                {
                    records++;
                    wide += fields >= 2 ? 1 : 0;
                    counts[fields] = counts.GetValueOrDefault(fields) + 1;
                    sentences += EndsSentence(record) || record.ContainsAny("。！？") ? 1 : 0;
                }
                fields = 1;
                recordStart = i + 1;
            }
        }
        // A file of one record can be a table of one row, but then only its cells tell.
        var usual = counts.Where(static pair => pair.Key >= 2).OrderByDescending(static pair => pair.Value).ThenByDescending(static pair => pair.Key).FirstOrDefault();
        return new Shape(delimiter, usual.Key, records, wide, usual.Value, cells, numeric, quotedCells, sentences)
        {
            BetweenDigits = delimiters == 0 ? 0 : (double)betweenDigits / delimiters,
            Spaced = delimiters == 0 ? 0 : (double)spaced / delimiters,
        };
    }

    private static bool IsNumeric(ReadOnlySpan<char> text)
    {
        text = text.Trim().Trim('"').Trim();
        return !text.IsEmpty && text.ContainsAnyInRange('0', '9') && !text.ContainsAnyExcept(OfNumbers);
    }

    private static bool EndsSentence(ReadOnlySpan<char> record) =>
        record[^1] is '。' or '！' or '？' or '.' or '!' or '?' or ';' or '；' or '”' && record.Length > 15;

    private static bool IsProse(string sample)
    {
        int lines = 0, sentences = 0;
        foreach (var line in sample.AsSpan().EnumerateLines())
        {
            var text = line.Trim();
            if (text.IsEmpty)
                continue;
            lines++;
            sentences += text.Length > 15 && (EndsSentence(text) || text.ContainsAny("。！？")) ? 1 : 0;
        }
        return sentences * 3 > lines;
    }

    private readonly record struct Shape(
        char Delimiter, int Usual, int Records, int Wide, int OfUsual, int Cells, int Numeric, int QuotedCells, int Sentences)
    {
        public double BetweenDigits { get; init; }

        public double Spaced { get; init; }

        public double Share => Records == 0 ? 0 : (double)OfUsual / Records;

        public bool IsTable(bool named)
        {
            // Titles above and notes below a table have no delimiters: what counts is that the rows that have some agree.
            var agree = (double)OfUsual / Math.Max(1, Wide);
            var evidence = (double)(Numeric + QuotedCells) / Math.Max(1, Cells);
            var prose = Delimiter != '\t' && Sentences * 2 > Records && evidence < 0.2;
            if (named)
                return !prose && OfUsual > 0;
            if (prose || Wide < 2 || Share < 0.5 || agree < (evidence >= 0.25 ? 0.6 : 0.8))
                return false;
            return Delimiter switch
            {
                '\t' => Usual >= 3 || evidence >= 0.1 || OfUsual >= 3,
                _ => evidence >= 0.15 || (Usual * OfUsual >= 16 && Usual >= 4 && Spaced < 0.5),
            };
        }
    }
}
