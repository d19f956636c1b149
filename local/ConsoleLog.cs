using Microsoft.Extensions.Logging;
using Spectre.Console;

namespace Pipeline.Local;

/// <summary>Log lines for a person: the time and the message; for what failed the exception too.</summary>
internal sealed class ConsoleLog(IAnsiConsole console) : ILoggerProvider, ILogger
{
    private readonly Lock turn = new();

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => this;

    /// <inheritdoc/>
    public bool IsEnabled(LogLevel logLevel) => logLevel is >= LogLevel.Information and not LogLevel.None;

    /// <inheritdoc/>
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    /// <inheritdoc/>
    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        var (word, style) = logLevel switch
        {
            LogLevel.Information => ("", Style.Plain),
            LogLevel.Warning => ("warning: ", new Style(Color.Yellow)),
            _ => ("error: ", new Style(Color.Red)),
        };
        var text = $"{DateTime.Now:HH:mm:ss} {word}{formatter(state, exception)}";
        // A warning is tried again or passes; its reason in one line will do.
        if (exception is not null)
            text += logLevel >= LogLevel.Error ? Environment.NewLine + exception : $": {exception.Message.Split('\n')[0].TrimEnd()}";
        lock (turn)
            console.Write(new Text(text + Environment.NewLine, style));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
