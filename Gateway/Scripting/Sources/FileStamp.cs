namespace Gateway.Scripting;

/// <summary>How a file looks from outside; when it looks the same, it is not read again.</summary>
/// <param name="Exists">Whether it is there; the others are default when it is not.</param>
/// <param name="Length">In bytes.</param>
/// <param name="Changed">When it was last written to, by the file system's clock.</param>
internal readonly record struct FileStamp(bool Exists, long Length, DateTime Changed);
