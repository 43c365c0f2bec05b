using LiteDB;

namespace Gateway.Storage;

/// <summary>
/// Looks for damage before anything is written: reads what there is, through each index. LiteDB has no such check of its own, and finds out
/// while it works that a list of pages leads into a circle (its issues 2582 and 2827).
/// </summary>
internal static class LiteDbCheck
{
    /// <summary>Opens a file so that nothing in it is changed.</summary>
    public static LiteDatabase OpenToLook(string path) => new(new ConnectionString { Filename = path, Connection = ConnectionType.Direct, ReadOnly = true });

    /// <summary>Reads all collections, for so long at most.</summary>
    /// <returns>False when there was no time for all of it.</returns>
    /// <exception cref="StorageException">Something is damaged.</exception>
    public static bool Run(ILiteDatabase database, string path, TimeSpan limit, TimeProvider time)
    {
        var started = time.GetTimestamp();
        foreach (var name in database.GetCollectionNames().Order(StringComparer.Ordinal).ToArray())
        {
            var collection = database.GetCollection(name);
            var documents = 0;
            foreach (var document in collection.FindAll())
            {
                documents++;
                if (time.GetElapsedTime(started) > limit)
                {
                    return false;
                }

                if (document["_id"].IsNull)
                {
                    throw Damaged(path, $"a document of {name} has no id");
                }
            }

            CheckIndexes(database, name, documents, path);
        }

        return true;
    }

    private static void CheckIndexes(ILiteDatabase database, string name, int documents, string path)
    {
        using var indexes = database.Execute("SELECT $ FROM $indexes WHERE collection = @0", name);
        foreach (var index in indexes.ToArray().Select(value => value.AsDocument))
        {
            var expression = index["expression"].AsString;
            var counted = database.GetCollection(name).Query().OrderBy(expression).Select("{_id}").ToEnumerable().Count();
            if (counted != documents)
            {
                throw Damaged(path, $"{name} has {documents} documents, and its index {index["name"].AsString} leads to {counted}");
            }
        }
    }

    /// <summary>What to tell of a damaged file.</summary>
    public static StorageException Damaged(string path, string what, Exception? inner = null) => new(
        $"the store {path} is damaged: {what}. The gateway has written nothing to it. Copy it and the -log file beside it to a safe place, then put a backup in its place, or move it away to begin with an empty one: "
            + "commands are brought up to date from the journal, devices are those of the backup (docs/commands.md)", inner);
}
