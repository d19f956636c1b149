using Pipeline.Reading;

namespace Pipeline.Understanding;

/// <summary>Turns tables into observations.</summary>
public static class TableInterpreter
{
    /// <inheritdoc cref="Interpreter.Interpret"/>
    public static Interpretation Interpret(ReadRelease release, ReleaseContext context, IProgress<double>? progress, CancellationToken cancellationToken) =>
        throw new NotSupportedException();
}
