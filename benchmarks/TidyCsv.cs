using System.Buffers.Text;

namespace Pipeline.Benchmarks;

/// <summary>A seeded tidy CSV of 7 columns: 300 months of rows / 300 series, in no order, every key once.</summary>
internal static class TidyCsv
{
    private const int Months = 300;

    /// <summary>Writes the file unless it is there already.</summary>
    public static void Write(string path, int rows)
    {
        if (File.Exists(path))
            return;
        using var file = new FileStream(path + ".part", FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20);
        file.Write("REF_AREA,ACTIVITY,SEX,INDICATOR,TIME_PERIOD,OBS_VALUE,UNIT_MEASURE\n"u8);
        Span<byte> line = stackalloc byte[96];
        var random = new Random(20);
        // A step that shares no factor with the number of rows visits each row once, far from the one before.
        long step = (long)(rows * 0.6180339887) | 1;
        while (Gcd(step, rows) != 1)
            step += 2;
        long at = 0;
        for (var i = 0; i < rows; i++)
        {
            at = (at + step) % rows;
            var (series, month) = ((int)(at / Months), (int)(at % Months));
            var length = 0;
            Put(line, ref length, 650000 + (series / 168 % 400), 0);
            line[length++] = (byte)',';
            line[length++] = (byte)('A' + (series % 42 / 10));
            Put(line, ref length, 10 + (series % 42), 0);
            line[length++] = (byte)',';
            line[length++] = (byte)"MFTU"[series / 42 % 4];
            line[length++] = (byte)',';
            line[length++] = (byte)'I';
            line[length++] = (byte)'N';
            line[length++] = (byte)'D';
            Put(line, ref length, 100 + (series / 67200), 0);
            line[length++] = (byte)',';
            Put(line, ref length, 2000 + (month / 12), 0);
            line[length++] = (byte)'-';
            Put(line, ref length, (month % 12) + 1, 2);
            line[length++] = (byte)',';
            Put(line, ref length, random.Next(100_000), 0);
            line[length++] = (byte)'.';
            Put(line, ref length, random.Next(100), 2);
            ",CNY\n"u8.CopyTo(line[length..]);
            file.Write(line[..(length + 5)]);
        }
        file.Dispose();
        File.Move(path + ".part", path);
    }

    private static void Put(Span<byte> line, ref int length, int number, int digits)
    {
        Utf8Formatter.TryFormat(number, line[length..], out var written, digits > 0 ? new System.Buffers.StandardFormat('D', (byte)digits) : default);
        length += written;
    }

    private static long Gcd(long a, long b) => b == 0 ? a : Gcd(b, a % b);
}
