namespace Gateway.Journal;

/// <summary>The journal's file can't be used. The message names it, and says what to do.</summary>
internal sealed class JournalFileException(string message, Exception? inner = null) : Exception(message, inner);
