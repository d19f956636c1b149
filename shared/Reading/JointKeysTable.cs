namespace Pipeline.Reading;

/// <summary>
/// A text whose first column holds several keys with commas between them, as bulk downloads have it: <c>freq,unit,geo\TIME_PERIOD</c> over <c>A,PC,AT</c>. Each key is a
/// column here; all have the address of the column they stand in.
/// </summary>
internal sealed class JointKeysTable : Table
{
    private const int MaxHead = 2_000;
    private readonly Table whole;
    private readonly int keys;

    private JointKeysTable(Table whole, int keys)
    {
        (this.whole, this.keys, JoinedColumns) = (whole, keys, keys - 1);
        (Sheet, Place, Shape, IsOfSemicolons) = (whole.Sheet, whole.Place, whole.Shape, whole.IsOfSemicolons);
    }

    /// <summary>A table as it is, or with its first column taken apart where the header says that it holds several keys.</summary>
    public static Table Of(Table table)
    {
        using var rows = table.Open();
        return rows.Read() && rows.Count > 1 && KeysIn(rows[0].Text) is > 1 and var keys ? new JointKeysTable(table, keys) : table;
    }

    /// <summary>Whether a text begins with the names of several keys and a tab: there are more commas in it than tabs, but the tabs part its columns.</summary>
    public static bool AreIn(string sample) => sample.AsSpan(0, Math.Min(sample.Length, MaxHead)).IndexOf('\t') is > 0 and var tab && KeysIn(sample.AsSpan(0, tab)) > 1;

    private static int KeysIn(ReadOnlySpan<char> head)
    {
        var slash = head.LastIndexOf('\\');
        return slash > 0 && head.IndexOfAny(" \"\r\n") < 0 ? head[..slash].Count(',') + 1 : 0;
    }

    /// <inheritdoc/>
    public override RowReader Open() => new Reader(whole.Open(), keys);

    private sealed class Reader(RowReader whole, int keys) : RowReader
    {
        private readonly int[] ends = new int[keys];

        public override bool Read()
        {
            if (!whole.Read())
                return false;
            (Row, Count) = (whole.Row, whole.Count == 0 ? 0 : whole.Count + keys - 1);
            if (Count == 0)
                return true;
            var text = whole[0].Text;
            // What the columns are stands behind the last key.
            var length = Row == 1 ? text.LastIndexOf('\\') : text.Length;
            for (int key = 0, at = 0; key < keys; key++)
            {
                var comma = at > length || key == keys - 1 ? -1 : text[at..length].IndexOf(',');
                ends[key] = comma < 0 ? length : at + comma;
                at = ends[key] + 1;
            }
            return true;
        }

        public override Cell this[int column]
        {
            get
            {
                if ((uint)column >= (uint)Count)
                    return default;
                if (column >= keys)
                    return whole[column - keys + 1];
                var start = column == 0 ? 0 : ends[column - 1] + 1;
                var text = start >= ends[column] ? default : whole[0].Text[start..ends[column]];
                return new Cell { Kind = text.IsWhiteSpace() ? CellKind.Blank : CellKind.Text, Text = text };
            }
        }

        public override double Progress => whole.Progress;

        protected override void Dispose(bool disposing)
        {
            whole.Dispose();
            base.Dispose(disposing);
        }
    }
}
