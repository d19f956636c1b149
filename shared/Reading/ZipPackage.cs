using System.IO.Compression;
using System.Text;
using System.Xml;

namespace Pipeline.Reading;

/// <summary>What the parts of a ZIP container make.</summary>
internal enum PackageContent
{
    /// <summary>Files of their own.</summary>
    Files,

    /// <summary>An OpenDocument file.</summary>
    OpenDocument,

    /// <summary>A Word document.</summary>
    Word,

    /// <summary>A workbook, or another file of Office.</summary>
    Office,
}

/// <summary>The parts of a ZIP container, unpacked within <see cref="ReaderLimits"/>, and read as XML without entities.</summary>
internal sealed class ZipPackage : IDisposable
{
    private const long SmallPart = 50_000_000;

    private readonly ViewStream view;
    private readonly ZipArchive archive;
    private readonly ReaderLimits limits;
    private readonly Dictionary<string, ZipArchiveEntry> parts = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Opens a container.</summary>
    public ZipPackage(Stream stream, ReaderLimits limits)
    {
        this.limits = limits;
        view = new ViewStream(stream);
        try
        {
            archive = new ZipArchive(view, ZipArchiveMode.Read, leaveOpen: true, EntryNames.Instance);
            if (archive.Entries.Count > limits.Parts)
                throw TooLarge($"it has {Unreadable.N(archive.Entries.Count)} parts; {Unreadable.N(limits.Parts)} is the limit");
            foreach (var entry in archive.Entries)
                parts.TryAdd(entry.FullName.Replace('\\', '/').TrimStart('/'), entry);
        }
        catch (Exception e) when (IsFault(e))
        {
            view.ThrowSourceFailure();
            throw Truncated(stream, e);
        }
    }

    /// <summary>What it is in a finding: <c>workbook</c>, <c>document</c> or <c>archive</c>.</summary>
    public string What { get; set; } = "workbook";

    /// <summary>What the parts make, by those that each format must have.</summary>
    public PackageContent Content =>
        (Has("mimetype") && Start("mimetype").Contains("opendocument", StringComparison.Ordinal)) || (Has("content.xml") && Has("META-INF/manifest.xml")) ? PackageContent.OpenDocument
        : Has("word/document.xml") ? PackageContent.Word
        : Has("[Content_Types].xml") || Has("_rels/.rels") || Has("xl/workbook.xml") || Has("xl/workbook.bin") || Has("ppt/presentation.xml") ? PackageContent.Office
        : PackageContent.Files;

    /// <summary>The parts as the container lists them.</summary>
    public IReadOnlyList<ZipArchiveEntry> Entries => archive.Entries;

    /// <summary>Whether there is a part of that name.</summary>
    public bool Has(string name) => parts.ContainsKey(name);

    /// <summary>Whether an exception is not a refusal yet.</summary>
    public static bool IsFault(Exception e) => e is not UnreadableReleaseException and not OutOfMemoryException;

    /// <summary>The refusal of damaged bytes, unless it was the caller's stream that failed: then that exception is thrown.</summary>
    public UnreadableReleaseException Damaged(Exception e, string? where = null)
    {
        view.ThrowSourceFailure();
        var at = e is XmlException { LineNumber: > 0 } fault ? $"{e.Message} (XML line {fault.LineNumber}, position {fault.LinePosition})" : e.Message;
        return Unreadable.Damaged(at, where, e, What);
    }

    /// <summary>Refuses parts that unpack to more than is allowed; called once it is known that the parts matter.</summary>
    public void CheckSizes()
    {
        try
        {
            var total = 0L;
            foreach (var (name, part) in parts)
            {
                total += part.Length;
                if (part.Length > SmallPart && part.Length / limits.UnpackedRatio > part.CompressedLength)
                {
                    throw TooLarge($"its part {name} unpacks from {Unreadable.N(part.CompressedLength)} to {Unreadable.N(part.Length)} bytes; " +
                        $"{limits.UnpackedRatio} times is the limit beyond {Unreadable.N(SmallPart)} bytes");
                }
            }
            if (total > limits.UnpackedBytes)
                throw TooLarge($"it unpacks to {Unreadable.N(total)} bytes; {Unreadable.N(limits.UnpackedBytes)} is the limit");
        }
        catch (Exception e) when (IsFault(e))
        {
            throw Damaged(e);
        }
    }

    /// <summary>Opens a part as XML: no document type, no entities but XML's own, nothing fetched.</summary>
    public XmlReader Xml(string name, out Part part)
    {
        var entry = parts[name];
        part = new Part(entry.Open(), name, entry.Length, limits, this);
        return XmlReader.Create(part, new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            IgnoreComments = true,
            IgnoreProcessingInstructions = true,
            CheckCharacters = false,
            CloseInput = true,
        });
    }

    /// <summary>The first characters of a small part.</summary>
    public string Start(string name)
    {
        using var part = parts[name].Open();
        var buffer = new byte[256];
        return Encoding.Latin1.GetString(buffer, 0, part.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        archive.Dispose();
        view.Dispose();
    }

    /// <summary>The refusal of a container that is larger than is read.</summary>
    public UnreadableReleaseException TooLarge(string detail) => Unreadable.Because(
        What + "-too-large",
        $"The {What} is larger than is read: {detail}.",
        found: detail,
        expected: $"a {What} within the limits",
        advice: "Split it, or upload the figures as CSV, which has no limit.");

    // The directory stands at a ZIP file's end: without it, the upload was most likely cut off.
    private static UnreadableReleaseException Truncated(Stream stream, Exception inner)
    {
        var head = new byte[4096];
        stream.Position = 0;
        var names = Encoding.Latin1.GetString(head, 0, stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false));
        var workbook = names.Contains("xl/", StringComparison.Ordinal) || names.Contains("[Content_Types].xml", StringComparison.Ordinal);
        return Unreadable.Because(
            workbook ? "workbook-truncated" : "archive-damaged",
            (workbook ? "The workbook" : "The ZIP archive") + " ends before its directory: it is cut off or damaged.",
            $"byte {stream.Length}",
            $"{stream.Length} bytes",
            "a ZIP directory at the end of the file",
            "Upload the file again, whole.",
            inner);
    }

    /// <summary>A part's unpacked bytes, which may not be more than the directory says, nor hold an endless name or attribute.</summary>
    internal sealed class Part(Stream inner, string name, long length, ReaderLimits limits, ZipPackage package) : Stream
    {
        private long read;
        private long sinceTag;

        /// <summary>How far it is read, from 0 to 1.</summary>
        public double Progress => length == 0 ? 1 : Math.Min(1, (double)read / length);

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => read;
            set => throw new NotSupportedException();
        }

        public override int Read(Span<byte> buffer)
        {
            var count = inner.Read(buffer);
            read += count;
            if (read > length)
                throw package.TooLarge($"its part {name} unpacks to more than the {Unreadable.N(length)} bytes that its directory states");
            if (count == 0 && read < length)
                throw new InvalidDataException($"the part {name} ends after {Unreadable.N(read)} of {Unreadable.N(length)} bytes");
            var tag = buffer[..count].LastIndexOf((byte)'<');
            sinceTag = tag < 0 ? sinceTag + count : count - tag;
            if (sinceTag > limits.CellLength * 8L)
                throw package.TooLarge($"its part {name} has a text or attribute of more than {Unreadable.N(limits.CellLength * 8L)} bytes");
            return count;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                inner.Dispose();
            base.Dispose(disposing);
        }
    }
}

/// <summary>Reads XML no deeper than any office program nests it: a reader keeps something for every level.</summary>
internal static class BoundedXml
{
    private const int Depth = 1_000;

    /// <summary>Moves on as <see cref="XmlReader.Read"/> does.</summary>
    /// <exception cref="InvalidDataException">The elements nest too deep.</exception>
    public static bool Next(this XmlReader xml) => xml.Read() && (xml.Depth <= Depth ? true : throw new InvalidDataException($"its XML nests more than {Depth} levels deep"));

    /// <summary>Moves past the current element as <see cref="XmlReader.Skip"/> does.</summary>
    /// <exception cref="InvalidDataException">The elements nest too deep.</exception>
    public static void Pass(this XmlReader xml)
    {
        if (xml is { NodeType: XmlNodeType.Element, IsEmptyElement: false })
        {
            var depth = xml.Depth;
            while (xml.Next() && xml.Depth > depth)
            {
            }
        }
        xml.Next();
    }
}
