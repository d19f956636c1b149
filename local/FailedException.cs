namespace Pipeline.Local;

/// <summary>A command can not go on; the message is one line for the person at the terminal: what is wrong, and what to do.</summary>
public sealed class FailedException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The innermost reason of an exception in one line, without a full stop.</summary>
    internal static string Reason(Exception e)
    {
        // After several tries the Azure SDK throws one exception for each.
        while (e.InnerException is { } inner)
            e = inner;
        return e.Message.Split('\n', 2)[0].TrimEnd('\r', '.');
    }
}
