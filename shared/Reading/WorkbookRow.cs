using System.Globalization;
using System.Text;

namespace Pipeline.Reading;

/// <summary>What a workbook says about a cell besides its content.</summary>
/// <param name="Format">The number format; null for General.</param>
/// <param name="IsDate">Whether that format shows a number as a date or time.</param>
/// <param name="Indent">How many steps the cell is indented.</param>
/// <param name="Bold">Whether it is set in bold.</param>
internal readonly record struct CellStyle(string? Format, bool IsDate = false, byte Indent = 0, bool Bold = false);

/// <summary>A text of a workbook.</summary>
/// <param name="Text">The text.</param>
/// <param name="Bold">Whether all of its runs are bold, or not all; null when the cell's own font decides.</param>
internal readonly record struct CellText(string Text, bool? Bold = null);

/// <summary>Puts a text together from runs that are set differently.</summary>
internal sealed class TextRuns
{
    private readonly StringBuilder text = new();
    private string? only; // the text so far when it is one run's: most texts are
    private bool bold;
    private bool light;
    private bool asCell;

    /// <summary>How long the text is so far.</summary>
    public int Length => only?.Length ?? text.Length;

    /// <summary>Starts a new text.</summary>
    public void Clear()
    {
        text.Clear();
        only = null;
        bold = light = asCell = false;
    }

    /// <summary>Adds a run.</summary>
    /// <param name="run">Its text.</param>
    /// <param name="isRaised">Whether it is a superscript; it is written as <see cref="Superscript"/> does, and it may be set as it likes in a bold text.</param>
    /// <param name="isBold">Whether it is bold; null when the cell's own font decides.</param>
    public void Add(string run, bool isRaised, bool? isBold)
    {
        if (isRaised)
        {
            run = Superscript.Write(run, Length == 0 ? '\0' : only is not null ? only[^1] : text[^1]);
        }
        else if (!string.IsNullOrWhiteSpace(run))
        {
            bold |= isBold == true;
            light |= isBold == false;
            asCell |= isBold is null;
        }
        if (Length == 0)
        {
            only = run;
            return;
        }
        if (only is not null)
            text.Append(only);
        only = null;
        text.Append(run);
    }

    /// <summary>The text of the runs.</summary>
    public CellText Text() => new(only ?? text.ToString(), light ? false : bold && !asCell ? true : null);
}

/// <summary>The cells of a workbook's current row, filled by the reader of its format.</summary>
internal sealed class WorkbookRow
{
    private Slot[] slots = new Slot[64];
    private char[] scratch = new char[4096];
    private int used;

    /// <summary>How many cells there are up to the last filled one.</summary>
    public int Count { get; private set; }

    /// <summary>The cell in a column counted from 0.</summary>
    public Cell this[int column]
    {
        get
        {
            if ((uint)column >= (uint)Count)
                return default;
            ref readonly var slot = ref slots[column];
            return slot.Kind == CellKind.Blank
                ? default
                : new Cell
                {
                    Kind = slot.Kind,
                    Text = slot.Text is not null ? slot.Text : scratch.AsSpan(slot.From, slot.Length),
                    Number = slot.Kind == CellKind.Number ? slot.Number : 0,
                    Date = slot.Date,
                    Format = slot.Style.Format,
                    Indent = slot.Style.Indent,
                    Bold = slot.Style.Bold,
                };
        }
    }

    /// <summary>Empties the row.</summary>
    public void Clear()
    {
        Array.Clear(slots, 0, Count);
        (Count, used) = (0, 0);
    }

    /// <summary>Puts text; nothing but white space leaves the cell blank.</summary>
    public void Text(int column, string text, in CellStyle style)
    {
        if (!string.IsNullOrWhiteSpace(text))
            At(column) = new Slot { Kind = CellKind.Text, Text = text, Style = style };
    }

    /// <summary>Puts a text whose runs may be bold whatever the cell is.</summary>
    public void Text(int column, CellText text, in CellStyle style) => Text(column, text.Text, style with { Bold = text.Bold ?? style.Bold });

    /// <summary>Puts a truth value.</summary>
    public void Boolean(int column, bool value, in CellStyle style) =>
        At(column) = new Slot { Kind = CellKind.Boolean, Text = value ? "TRUE" : "FALSE", Style = style };

    /// <summary>Puts an error's text.</summary>
    public void Error(int column, string text, in CellStyle style) => At(column) = new Slot { Kind = CellKind.Error, Text = text, Style = style };

    /// <summary>Puts a date.</summary>
    public void Date(int column, DateTime date, in CellStyle style) =>
        At(column) = new Slot { Kind = CellKind.Date, Date = date, Text = NumberFormat.Text(date), Style = style };

    /// <summary>Puts a number.</summary>
    public void Number(int column, double number, in CellStyle style)
    {
        if (!double.IsFinite(number))
        {
            Error(column, number.ToString(CultureInfo.InvariantCulture), style);
            return;
        }
        if (scratch.Length - used < 64)
            Array.Resize(ref scratch, scratch.Length * 2);
        var length = NumberFormat.Write(number, scratch.AsSpan(used));
        At(column) = new Slot { Kind = CellKind.Number, Number = number, From = used, Length = length, Style = style };
        used += length;
    }

    private ref Slot At(int column)
    {
        if (column >= slots.Length)
            Array.Resize(ref slots, Math.Max(column + 1, slots.Length * 2));
        Count = Math.Max(Count, column + 1);
        return ref slots[column];
    }

    private struct Slot
    {
        public CellKind Kind;
        public string? Text;
        public CellStyle Style;
        public double Number;
        public DateTime Date;
        public int From;
        public int Length;
    }
}
