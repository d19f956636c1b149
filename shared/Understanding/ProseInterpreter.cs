using Pipeline.Reading;

namespace Pipeline.Understanding;

/// <summary>Turns prose into observations.</summary>
public static class ProseInterpreter
{
    /// <inheritdoc cref="Interpreter.Interpret"/>
    public static Interpretation Interpret(ReadRelease release, ReleaseContext context, CancellationToken cancellationToken) =>
        throw new NotSupportedException();
}
