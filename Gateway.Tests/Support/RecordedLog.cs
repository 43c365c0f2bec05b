using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Gateway.Tests.Support;

/// <summary>Keeps what is logged, so that a test can ask for what it expects, and fail for what it does not.</summary>
internal class RecordedLog : ILogger, ILoggerProvider
{
    private readonly ConcurrentQueue<LogEntry> _entries = new();
    private readonly ConcurrentBag<string> _expected = [];

    public IReadOnlyList<LogEntry> Entries => [.. _entries];

    /// <summary>All that was logged, as <c>Error: text</c>.</summary>
    public string[] Lines => [.. _entries.Select(entry => $"{entry.Level}: {entry.Text}")];

    /// <summary>Errors that no test asked for.</summary>
    public IEnumerable<string> UnexpectedErrors =>
        from entry in _entries
        where entry.Level >= LogLevel.Error && !_expected.Any(text => entry.Whole.Contains(text, StringComparison.Ordinal))
        select entry.Whole;

    /// <summary>Errors with this text in them are part of the test.</summary>
    public void Expect(string text) => _expected.Add(text);

    public IReadOnlyList<string> Texts(int eventId) => [.. from entry in _entries where entry.EventId == eventId select entry.Whole];

    public IReadOnlyList<string> At(LogLevel level) => [.. from entry in _entries where entry.Level == level select entry.Text];

    /// <summary>What was wrong, except for events that are expected.</summary>
    public IReadOnlyList<string> Complaints(params int[] expected) =>
        [.. from entry in _entries where entry.Level >= LogLevel.Warning && !expected.Contains(entry.EventId) select $"{entry.EventId} {entry.Whole}"];

    /// <summary>The errors so far, which the test thereby expected.</summary>
    public IReadOnlyList<string> TakeErrors()
    {
        IReadOnlyList<string> errors = [.. from entry in _entries where entry.Level >= LogLevel.Error select entry.Whole];
        _entries.Clear();
        return errors;
    }

    public void ExpectNoErrors() => Assert.That(UnexpectedErrors, Is.Empty, "nothing was to go wrong");

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _entries.Enqueue(new LogEntry(logLevel, eventId.Id, formatter(state, exception), exception?.ToString()));

    public void Dispose() => GC.SuppressFinalize(this);
}

/// <summary>The same for a class that wants a log of its own.</summary>
internal sealed class RecordedLog<T> : RecordedLog, ILogger<T>;

/// <summary>One entry of a log.</summary>
internal sealed record LogEntry(LogLevel Level, int EventId, string Text, string? Exception)
{
    public string Whole => $"{Text} {Exception}".TrimEnd();
}
