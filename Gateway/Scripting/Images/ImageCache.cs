namespace Gateway.Scripting;

/// <summary>
/// Keeps compiled scripts on disk, so that a start does without the compiler. Whatever goes wrong here only costs a compilation.
/// Several processes may share a folder: a file appears whole or not at all, and is the same whoever writes it.
/// </summary>
internal sealed class ImageCache(string? folder, ILogger logger)
{
    /// <summary>How many images are kept; the newest.</summary>
    public const int MostFiles = 200;

    /// <summary>How many bytes all of them may have.</summary>
    public const long MostBytes = 100L << 20;

    private const string Extension = ".image";

    private const string Unfinished = ".tmp";

    private const string Passed = ".passed";

    // Set by whoever fails first; a second warning would say the same.
    private int _warned;

    /// <summary>The cache that gateway.json asks for.</summary>
    public static ImageCache Of(ScriptSettings settings, ILogger logger) => new(string.IsNullOrWhiteSpace(settings.CachePath) ? null : settings.CachePath, logger);

    /// <summary>What an image of this source is known by; null when images are not kept.</summary>
    public string? KeyOf(ScriptSource source) => folder is null ? null : ImageIngredients.KeyOf(source);

    /// <summary>What the library of these files is known by, made by this protoc; null when images are not kept.</summary>
    public string? KeyOf(ProtoSet set, string protoc) => folder is null ? null : ImageIngredients.KeyOf(set, protoc);

    /// <summary>The image that was kept under a key, or null.</summary>
    public ScriptImage? Find(string key)
    {
        var file = FileOf(key);
        try
        {
            if (!File.Exists(file))
            {
                return null;
            }

            if (new FileInfo(file).Length <= MostBytes && ImageFile.Read(key, File.ReadAllBytes(file)) is { } image)
            {
                return image;
            }

            logger.CachedImageUnfit(file);
            File.Delete(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Warn(exception);
        }

        return null;
    }

    /// <summary>Keeps an image.</summary>
    public void Keep(string key, ScriptImage image)
    {
        try
        {
            Directory.CreateDirectory(folder!);
            var unfinished = Path.Combine(folder!, $"{Guid.NewGuid():N}{Unfinished}");
            try
            {
                File.WriteAllBytes(unfinished, ImageFile.Write(key, image));
                File.Move(unfinished, FileOf(key), overwrite: true);
            }
            catch
            {
                File.Delete(unfinished);
                throw;
            }

            Prune();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException)
        {
            // The last is what .NET makes of EFBIG, a file that may not grow any more.
            Warn(exception);
        }
    }

    /// <summary>What it is known by that an image has passed something.</summary>
    /// <param name="key">The image's key.</param>
    /// <param name="what">What it was to pass.</param>
    public static string VerdictOf(string key, string what) => $"{key}.{ScriptVersion.Of(what)}{Passed}";

    /// <summary>Whether an image is known to have passed.</summary>
    public bool HasPassed(string verdict) => File.Exists(Path.Combine(folder!, verdict));

    /// <summary>Keeps that an image has passed.</summary>
    public void KeepPassed(string verdict)
    {
        try
        {
            File.WriteAllBytes(Path.Combine(folder!, verdict), []);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Warn(exception);
        }
    }

    private void Prune()
    {
        var files = new DirectoryInfo(folder!).GetFiles($"*{Extension}").OrderByDescending(file => file.LastWriteTimeUtc).ToArray();
        var bytes = 0L;
        for (var i = 0; i < files.Length; i++)
        {
            bytes += files[i].Length;
            if (i >= MostFiles || bytes > MostBytes)
            {
                files[i].Delete();
            }
        }

        var images = new DirectoryInfo(folder!).GetFiles($"*{Extension}").Select(file => Path.GetFileNameWithoutExtension(file.Name)).ToHashSet();
        foreach (var verdict in new DirectoryInfo(folder!).GetFiles($"*{Passed}").Where(file => !images.Contains(file.Name.Split('.')[0])))
        {
            verdict.Delete();
        }

        // What a process left that was killed while it wrote. One that is an hour old nobody is writing any more.
        foreach (var left in new DirectoryInfo(folder!).GetFiles($"*{Unfinished}").Where(file => file.LastWriteTimeUtc < files[0].LastWriteTimeUtc.AddHours(-1)))
        {
            left.Delete();
        }
    }

    private void Warn(Exception exception)
    {
        if (Interlocked.Exchange(ref _warned, 1) == 0)
        {
            logger.CacheUnusable(folder!, exception.Message);
        }
    }

    private string FileOf(string key) => Path.Combine(folder!, key + Extension);
}
