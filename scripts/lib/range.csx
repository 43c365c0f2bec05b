// What the shipped scripts do with a value that the device's documentation rules out: it is handed on as it came, for nobody knows better,
// and flagged with the metadata out_of_range.

// A reading; flagged when one of its numbers is not within these bounds.
static Reading Within(double least, double most, Reading reading)
{
    foreach (var value in reading.Values)
    {
        if (value.Kind is ReadingValueKind.Whole or ReadingValueKind.Real && (value.AsDouble() < least || value.AsDouble() > most))
        {
            return With("out_of_range", true, reading);
        }
    }

    return reading;
}

// A reading with one more entry of metadata.
static Reading With(string key, ReadingValue value, Reading reading) =>
    reading with { Metadata = new Dictionary<string, ReadingValue>(reading.Metadata) { [key] = value } };
