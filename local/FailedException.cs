namespace Pipeline.Local;

/// <summary>A command can not go on; the message is one line for the person at the terminal: what is wrong, and what to do.</summary>
public sealed class FailedException(string message, Exception? inner = null) : Exception(message, inner);
