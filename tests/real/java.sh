#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A Java program that has loaded its tables and waits, with the threads of the collector and of
# the compilers. The dump computes, allocates, compiles, starts a process, and sees its own
# environment.
. "${0%/*}/../lib/at_prompt.sh"

need java javac
cat > App.java << 'END'
import java.util.*;
import java.util.concurrent.*;
import java.util.stream.*;

public class App {
	static Map<Integer, String> words = new HashMap<>();
	static Object kept;

	static String answer(String command) throws Exception {
		switch (command) {
		case "words":
			return words.get(77777) + " " + words.size();
		case "compile":
			long sum = 0;
			for (int i = 0; i < 50000000; i++)
				sum += i % 7;
			return "sum " + sum;
		case "collect":
			for (int i = 0; i < 300000; i++)
				kept = new byte[1000];
			System.gc();
			return "collected, " + words.get(1);
		case "threads":
			ExecutorService pool = Executors.newFixedThreadPool(4);
			List<Future<Integer>> all = new ArrayList<>();
			for (int i = 0; i < 20; i++) {
				int n = i;
				all.add(pool.submit(() -> n * n));
			}
			int squares = 0;
			for (Future<Integer> one : all)
				squares += one.get();
			pool.shutdown();
			return "squares " + squares;
		case "streams":
			return IntStream.range(0, 1000000).parallel().filter(n -> n % 3 == 0).count()
				+ " " + words.keySet().stream().mapToInt(n -> n).max().getAsInt();
		case "sleep":
			long before = System.nanoTime();
			Thread.sleep(50);
			return "slept " + (System.nanoTime() - before >= 50000000L);
		case "throw":
			try {
				return "" + words.get(-1).length();
			} catch (NullPointerException e) {
				return "caught";
			}
		case "child":
			return new String(Runtime.getRuntime().exec(new String[] { "echo", "child" })
					  .getInputStream().readAllBytes()).trim();
		}
		return "what?";
	}

	public static void main(String[] arguments) throws Exception {
		for (int i = 0; i < 100000; i++)
			words.put(i, "word" + i);
		Scanner input = new Scanner(System.in);
		while (input.hasNextLine())
			System.out.println(answer(input.nextLine()));
	}
}
END
limited javac App.java 2> said || fail "$(cat said)"
printf '%s\n' words compile throw > first
printf '%s\n' words compile collect threads streams sleep throw child > second
# Without -XX:-UsePerfData, Java maps a file in /tmp, which it removes at its end.
as_ever java -XX:-UsePerfData -Xmx200m -cp . App
prints 'word77777 100000'
prints 'squares 2470'
prints child
