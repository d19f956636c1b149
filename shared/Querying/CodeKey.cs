namespace Pipeline.Querying;

/// <summary>Code numbers of some components as the key of a dictionary.</summary>
internal readonly struct CodeKey : IEquatable<CodeKey>
{
    private readonly int hash;

    public CodeKey(int[] numbers)
    {
        Numbers = numbers;
        var code = default(HashCode);
        foreach (var number in numbers)
            code.Add(number);
        hash = code.ToHashCode();
    }

    /// <summary>The numbers; not to be changed.</summary>
    public int[] Numbers { get; }

    public bool Equals(CodeKey other) => Numbers.AsSpan().SequenceEqual(other.Numbers);

    public override bool Equals(object? obj) => obj is CodeKey other && Equals(other);

    public override int GetHashCode() => hash;
}
