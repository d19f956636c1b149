namespace Pipeline.Understanding;

/// <summary>Words that have begun with the same characters: how they go on, and what the one that ends here stands for.</summary>
internal sealed class WordTrie<T>
{
    private string letters = "";
    private WordTrie<T>[] tries = [];

    /// <summary>Whether a word ends here.</summary>
    public bool IsWord { get; private set; }

    /// <summary>What the word that ends here stands for.</summary>
    public T? Word { get; private set; }

    /// <summary>The words that go on with a character; null where none does.</summary>
    public WordTrie<T>? Next(char c) => letters.AsSpan().IndexOf(c) is >= 0 and var at ? tries[at] : null;

    /// <summary>Adds a word, unless it is there already.</summary>
    /// <param name="rest">Its characters from here on.</param>
    /// <param name="word">What it stands for.</param>
    public void Add(ReadOnlySpan<char> rest, T word)
    {
        var end = this;
        foreach (var c in rest)
        {
            var next = end.Next(c);
            if (next is null)
                (end.letters, end.tries) = (end.letters + c, [.. end.tries, next = new WordTrie<T>()]);
            end = next;
        }
        if (end.IsWord)
            return;
        (end.IsWord, end.Word) = (true, word);
    }

    /// <summary>The length of the longest word that a text begins with, 0 when it begins with none.</summary>
    public int Longest(ReadOnlySpan<char> text, out T? word)
    {
        word = default;
        var length = 0;
        var end = this;
        for (var i = 0; i < text.Length; i++)
        {
            end = end.Next(text[i]);
            if (end is null)
                break;
            if (end.IsWord)
                (word, length) = (end.Word, i + 1);
        }
        return length;
    }
}
